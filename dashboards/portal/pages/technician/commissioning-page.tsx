import type { CommissionedDevice, CommissionedGateway, CommissioningAnswer } from '#contract/routes/commissioning.ts';
import type { CommissioningContent } from '../../commissioning-content.ts';
import { addressWords, boundWords, DeedNotice, DeviceState, Trouble } from '../../components/commissioned-device.tsx';
import { DeclarationForm } from '../../components/declaration-form.tsx';
import { devicePath } from '../../components/device-path.ts';
import { FactList } from '../../components/fact-list.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { counted, fill } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly content: CommissioningContent;
}

type Bus = NonNullable<CommissionedGateway['buses']>[number];

/** As the first word of a line. */
const beginning = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const unboundIn = ({ gateways }: CommissioningAnswer): number =>
  gateways.flatMap(({ buses }) => buses?.flatMap(({ devices }) => devices) ?? []).filter(({ bound }) => bound === null).length;

const DeviceCard = ({ site, device, place }: { site: string; device: CommissionedDevice; place: ReadingPlace }) => {
  const { words } = place;
  const address = addressWords(device, words);
  return (
    <li class="card" id={`appareil-${device.device}`}>
      <h4>
        <a href={devicePath(site, device)} aria-label={fill(words.commissioning.choose, { address })}>
          {beginning(address)}
        </a>
      </h4>
      <p class="meta">{device.model ?? device.profile}</p>
      <FactList
        facts={[
          { name: words.commissioning.stateName, value: <DeviceState device={device} words={words} /> },
          { name: words.commissioning.boundName, value: boundWords(device, place) },
        ]}
      />
    </li>
  );
};

interface BusProps {
  readonly content: CommissioningContent;
  readonly gateway: CommissionedGateway;
  readonly bus: Bus;
  readonly place: ReadingPlace;
}

const BusSection = ({ content, gateway, bus, place }: BusProps) => {
  const { words, language } = place;
  const { site } = content.commissioning;
  const typed = content.fields?.bus === bus.bus ? content.fields : null;
  return (
    <>
      <h3>{fill(words.commissioning.bus, { bus: bus.bus })}</h3>
      {bus.devicesFrom === 'file' ? (
        <p>{counted(words.commissioning.busOfFile, bus.devicesInForce, language)}</p>
      ) : (
        <>
          {bus.devices.length === 0 ? <p>{words.commissioning.noDevice}</p> : null}
          <ul class="cards cards-narrow">
            {bus.devices.map((device) => (
              <DeviceCard key={device.device} site={site} device={device} place={place} />
            ))}
          </ul>
          <DeclarationForm site={site} gateway={gateway} bus={bus.bus} fields={typed} words={words} />
        </>
      )}
    </>
  );
};

const GatewaySection = ({ content, gateway, place }: Omit<BusProps, 'bus'>) => {
  const { words } = place;
  const { applied, why, buses, state } = gateway;
  return (
    <section aria-labelledby={`passerelle-${gateway.id}`}>
      <h2 id={`passerelle-${gateway.id}`}>
        {fill(words.commissioning.gateway, { gateway: gateway.id })}
        <span class="tag">{words.commissioning.gatewayState[state]}</span>
      </h2>
      <p class={applied === 'refused' ? 'message message-fault' : 'meta'}>
        {fill(words.commissioning.applied[applied], { why: why ?? '' })}
      </p>
      {buses === null ? <p class="message message-watch">{words.commissioning.fieldUnknown}</p> : null}
      {buses
        ?.toSorted((a, b) => (a.devicesFrom < b.devicesFrom ? -1 : 1))
        .map((bus) => (
          <BusSection key={bus.bus} content={content} gateway={gateway} bus={bus} place={place} />
        ))}
    </section>
  );
};

/** Every address of a site, those that wait for their column or their point, and how to declare more. */
export const CommissioningPage = ({ frame, assets, content }: Props) => {
  const { commissioning, deed, errors, refusal } = content;
  const place = placeOf(frame, commissioning);
  const { words, language } = place;
  const unbound = unboundIn(commissioning);
  const isAnswer = errors.length > 0 || refusal !== null;
  return (
    <PageShell
      frame={frame}
      assets={assets}
      title={words.commissioning.title}
      zone={commissioning.timeZone}
      {...(isAnswer ? {} : { changes: '/changements' })}
    >
      <DeedNotice deed={deed} words={words} />
      <Trouble errors={errors} refusal={refusal} words={words} />
      <h1>{words.commissioning.title}</h1>
      <p class="lead">
        {commissioning.name} —{' '}
        {unbound === 0 ? words.commissioning.nothingToBind : counted(words.commissioning.sentence, unbound, language)}
      </p>
      {commissioning.gateways.map((gateway) => (
        <GatewaySection key={gateway.id} content={content} gateway={gateway} place={place} />
      ))}
      <p>
        <a class="button" href={`/eclairage/armoires/${commissioning.site}`}>
          {words.override.back}
        </a>
      </p>
    </PageShell>
  );
};
