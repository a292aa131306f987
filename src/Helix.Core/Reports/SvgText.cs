using System.Globalization;
using System.Text;

namespace Helix.Core.Reports;

/// <summary>Writes a picture as SVG, to stand within a page. Colours come from the page's style sheet by class; every text in it is escaped.</summary>
/// <param name="width">Of its own units, of which the page makes as many pixels as it has room for.</param>
internal sealed class SvgText(StringBuilder to, double width, double height)
{
    /// <param name="called">What a reader hears who does not see it.</param>
    public void Begin(string called) => to.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {F(width)} {F(height)}\" role=\"img\" aria-label=\"{SafeText.Html(called)}\">\n");

    public void End() => to.Append("</svg>\n");

    /// <param name="says">Shown where a pointer rests on it.</param>
    public void Box(string kind, double x, double y, double wide, double high, string says) =>
        to.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{F(x)}\" y=\"{F(y)}\" width=\"{F(wide)}\" height=\"{F(high)}\"><title>{SafeText.Html(says)}</title></rect>\n");

    /// <summary>From left to right.</summary>
    public void Line(double x1, double x2, double y) => to.Append(CultureInfo.InvariantCulture, $"<line x1=\"{F(x1)}\" x2=\"{F(x2)}\" y1=\"{F(y)}\" y2=\"{F(y)}\"/>\n");

    /// <summary>A small triangle that points down.</summary>
    public void Mark(double x, double y) => to.Append(CultureInfo.InvariantCulture, $"<path class=\"low\" d=\"M{F(x - 4)} {F(y - 6)}h8l-4 6z\"/>\n");

    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>: which part of the text is at that place.</param>
    public void Words(double x, double y, string anchor, string text) =>
        to.Append(CultureInfo.InvariantCulture, $"<text x=\"{F(x)}\" y=\"{F(y)}\" text-anchor=\"{anchor}\">{SafeText.Html(text)}</text>\n");

    /// <summary>As short as two places let it be; a picture has no room for what is no number.</summary>
    private static string F(double value) => double.IsFinite(value) ? value.ToString("0.##", CultureInfo.InvariantCulture) : "0";
}
