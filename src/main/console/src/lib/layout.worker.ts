// The layout beside the page's own thread, which stays free.
import { type Input, layout } from './layout';

addEventListener('message', (event: MessageEvent<{ turn: number; input: Input }>) => {
  postMessage({ turn: event.data.turn, layout: layout(event.data.input) });
});
