(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  function all(query) { return Array.prototype.slice.call(document.querySelectorAll(query)); }

  var slider = document.getElementById("map-year");
  if (slider) {
    var layers = all(".one .year"), now = document.getElementById("map-now");
    var show = function () {
      now.textContent = slider.value;
      layers.forEach(function (layer) {
        layer.style.display = layer.getAttribute("data-year") === slider.value ? "" : "none";
      });
    };
    slider.addEventListener("input", show);
    show();
  }

  var unfold = document.getElementById("unfold");
  function setAll(open) { all("details.table").forEach(function (d) { d.open = open; }); }
  if (unfold) {
    var isOpen = false;
    unfold.addEventListener("click", function () {
      isOpen = !isOpen;
      setAll(isOpen);
      unfold.textContent = isOpen ? unfold.dataset.fold : unfold.dataset.unfold;
    });
  }

  function quoted(text) {
    text = text.replace(/\s+/g, " ").trim();
    // A leading sign would be run as a formula by a spreadsheet.
    if (/^[=+@]/.test(text)) { text = "'" + text; }
    return /[",;\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  all("button.csv").forEach(function (button) {
    button.addEventListener("click", function () {
      var table = document.getElementById(button.dataset.table);
      var lines = Array.prototype.map.call(table.rows, function (row) {
        return Array.prototype.map.call(row.cells, function (c) { return quoted(c.textContent); }).join(",");
      });
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\n")], { type: "text/csv" }));
      link.download = button.dataset.table.slice(2) + ".csv";
      link.click();
      URL.revokeObjectURL(link.href);
    });
  });

  function opened() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    if (target) {
      for (var up = target; up; up = up.parentElement) { if (up.tagName === "DETAILS") { up.open = true; } }
    }
  }
  window.addEventListener("hashchange", opened);
  opened();
})();
