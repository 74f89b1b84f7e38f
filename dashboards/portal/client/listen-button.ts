const spokenText = (): string =>
  [...document.querySelectorAll<HTMLElement>('.spoken p')]
    .map((sentence) => sentence.innerText.trim())
    .filter((text) => text !== '')
    .join(' ');

/** A voice of the device itself: a network voice would send a person's figures to a third party. */
const localVoice = (language: string): SpeechSynthesisVoice | undefined =>
  speechSynthesis.getVoices().find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));

const speak = (voice: SpeechSynthesisVoice, ended: () => void): void => {
  const utterance = new SpeechSynthesisUtterance(spokenText());
  utterance.voice = voice;
  // Android ignores the voice without its language.
  utterance.lang = voice.lang;
  utterance.onend = ended;
  speechSynthesis.speak(utterance);
};

/** Shows « Écouter » only where a local voice can read exactly the visible text. */
export const offerListening = (): void => {
  const box = document.getElementById('listen');
  const button = box?.querySelector('button');
  if (box === null || button == null || !('speechSynthesis' in window)) return;
  const listenText = button.textContent ?? '';
  const language = document.documentElement.lang;
  const rest = (): void => {
    button.textContent = listenText;
  };
  const show = (): void => {
    box.hidden = localVoice(language) === undefined;
  };
  speechSynthesis.addEventListener('voiceschanged', show);
  show();
  button.addEventListener('click', () => {
    const voice = localVoice(language);
    if (speechSynthesis.speaking || voice === undefined) {
      speechSynthesis.cancel();
      rest();
      return;
    }
    button.textContent = box.dataset['stop'] ?? '';
    speak(voice, rest);
  });
};
