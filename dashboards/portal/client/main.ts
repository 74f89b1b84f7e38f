import { nameActingButton } from './acting-button.ts';
import { runCountdowns } from './countdowns.ts';
import { offerListening } from './listen-button.ts';
import { keepAlive } from './live-page.ts';

// Every page works without this script; with it, the page keeps itself true.
const { changes } = document.body.dataset;
runCountdowns();
nameActingButton();
offerListening();
if (changes !== undefined) keepAlive(changes);
