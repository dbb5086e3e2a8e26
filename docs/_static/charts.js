// Draw the charts of a page with the site's own copy of plotly.js, each when it comes near the view.
(() => {
  const address = new URL("plotly.min.js", document.currentScript.src);
  let loading;
  const plotly = () => {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error(`cannot load ${address}`));
      document.head.append(script);
    });
    return loading;
  };
  const draw = async (place) => {
    const figure = JSON.parse(place.querySelector("script").textContent);
    const library = await plotly();
    await library.newPlot(place, figure.data, figure.layout, figure.config);
    place.dataset.drawn = "true";
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        observer.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const place of document.querySelectorAll(".rf-chart")) observer.observe(place);
})();
