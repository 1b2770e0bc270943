// Drawn here because a strict content policy leaves neither inline styles nor images from elsewhere.
const svgNamespace = 'http://www.w3.org/2000/svg';

function icon(name: string, viewBox: string, ...paths: string[]): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', viewBox);
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  for (const d of paths) {
    const path = document.createElementNS(svgNamespace, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

const firstTick = 'M1.5 7.5 5 11l7-8';
const secondTick = 'M8 10.5 8.5 11l7-8';

export const clockIcon = () => icon('clock', '0 0 17 14', 'M8.5 1.5a5.5 5.5 0 1 0 .01 0', 'M8.5 4v3.2l2 1.3');
export const oneTickIcon = () => icon('tick', '0 0 17 14', firstTick);
export const twoTicksIcon = () => icon('ticks', '0 0 17 14', firstTick, secondTick);
export const backIcon = () => icon('back', '0 0 16 16', 'M10 2 4 8l6 6');
export const sendIcon = () => icon('send', '0 0 16 16', 'M2 8h11', 'M8.5 3.5 13 8l-4.5 4.5');
