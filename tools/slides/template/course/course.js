// Slides that are too high are made smaller, down to SMALLEST; what is higher still can be scrolled.
const HEIGHT = 700, SMALLEST = 0.7;

function fit(section) {
  section.style.zoom = 1;
  const high = section.scrollHeight;
  const scale = Math.max(SMALLEST, Math.min(1, HEIGHT / high));
  if (scale < 1) section.style.zoom = scale;
  section.dataset.fit = scale.toFixed(2);
  if (high * scale > HEIGHT + 1) {
    section.classList.add('scrolls');
    section.style.height = `${HEIGHT / scale}px`;
    section.tabIndex = 0;  // the arrow keys scroll it once it has the focus
  }
}

const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const ready = window.MathJax && MathJax.startup ? MathJax.startup.promise : Promise.resolve();
Reveal.initialize({
  width: 1280, height: 720, margin: 0.03, center: false, hash: true, slideNumber: 'c/t', controls: true,
  progress: true, transition: calm ? 'none' : 'fade', transitionSpeed: 'fast', viewDistance: 3,
  plugins: [RevealNotes],
}).then(() => ready).then(() => {
  // Slides that are not shown have no height: each is measured when it is first opened.
  const measured = section => { if (section && !section.dataset.fit) fit(section); };
  measured(Reveal.getCurrentSlide());
  Reveal.on('slidechanged', event => measured(event.currentSlide));
  document.body.dataset.ready = 'yes';
});
