let context: AudioContext | null = null;

/** Sound one short tone; a browser that the trader has not touched yet stays silent. */
export function beep(): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume();
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.12, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.25);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.25);
}
