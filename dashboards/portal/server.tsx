import { render } from 'preact-render-to-string';
import type { PageAssets, PageContent, PageFrame, PageRenderer } from './page-content.ts';
import { BuildingPage } from './pages/landlord/building-page.tsx';
import { EstatePage } from './pages/landlord/estate-page.tsx';
import { DoorsPage } from './pages/public/doors-page.tsx';
import { FailurePage } from './pages/public/failure-page.tsx';
import { SignInPage } from './pages/public/sign-in-page.tsx';
import { BindingCheckPage } from './pages/technician/binding-check-page.tsx';
import { CommissioningPage } from './pages/technician/commissioning-page.tsx';
import { DevicePage } from './pages/technician/device-page.tsx';
import { LightingPage } from './pages/technician/lighting-page.tsx';
import { OverrideCheckPage } from './pages/technician/override-check-page.tsx';
import { OverridePage } from './pages/technician/override-page.tsx';
import { StreetPage } from './pages/technician/street-page.tsx';
import { HomeDetailsPage } from './pages/tenant/home-details-page.tsx';
import { HomePage } from './pages/tenant/home-page.tsx';
import { HomeSignInPage } from './pages/tenant/home-sign-in-page.tsx';
import type { Language } from './words/formats.ts';

const pageOf = (frame: PageFrame, content: PageContent, assets: PageAssets) => {
  const around = { frame, assets };
  switch (content.page) {
    case 'doors':
      return <DoorsPage {...around} />;
    case 'sign-in':
      return <SignInPage {...around} email={content.email} problem={content.problem} />;
    case 'failure':
      return <FailurePage {...around} failure={content.failure} code={content.code} />;
    case 'lighting':
      return <LightingPage {...around} streets={content.streets} />;
    case 'street':
      return <StreetPage {...around} {...content} />;
    case 'override-check':
      return <OverrideCheckPage {...around} street={content.street} draft={content.draft} />;
    case 'override':
      return <OverridePage {...around} street={content.street} override={content.override} />;
    case 'commissioning':
      return <CommissioningPage {...around} content={content} />;
    case 'commissioned-device':
      return <DevicePage {...around} content={content} />;
    case 'binding-check':
      return <BindingCheckPage {...around} content={content} />;
    case 'estate':
      return <EstatePage {...around} buildings={content.buildings} />;
    case 'building':
      return <BuildingPage {...around} building={content.building} />;
    case 'home-sign-in':
      return <HomeSignInPage {...around} code={content.code} problem={content.problem} />;
    case 'home':
      return <HomePage {...around} home={content.home} />;
    case 'home-details':
      return <HomeDetailsPage {...around} details={content.details} />;
  }
};

/** French sets a space before its high punctuation and inside its quotes; a line never breaks there. */
const typeset = (html: string, language: Language): string =>
  language === 'fr' ? html.replaceAll(/ (?=[:;?!»])/g, '\u00A0').replaceAll('« ', '«\u00A0') : html;

/** Built by Vite into `dist/portal/server.js`: Node does not read TSX. */
export const renderPage: PageRenderer['renderPage'] = (frame, content, assets) =>
  `<!doctype html>${typeset(render(pageOf(frame, content, assets)), frame.language)}`;
