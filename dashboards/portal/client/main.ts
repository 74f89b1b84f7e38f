import { nameActingButton } from './acting-button.ts';
import { runCountdowns } from './countdowns.ts';
import { offerListening } from './listen-button.ts';
import { keepAlive, mayBeReadAgain } from './live-page.ts';

// Every page works without this script; with it, the page keeps itself true.
const { changes } = document.body.dataset;
runCountdowns();
nameActingButton();
offerListening();
if (changes !== undefined && mayBeReadAgain()) keepAlive(changes);
