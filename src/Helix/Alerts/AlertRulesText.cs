using Helix.Configuration;
using Helix.Core.Alerts;
using Helix.Core.Configuration;

namespace Helix.Alerts;

/// <summary>The rules that are built into helix, and the user's own over them.</summary>
internal static class AlertRulesText
{
    private const string Name = "alerts/rules.yaml";

    private static readonly Lazy<(string Text, ConfigDocument Document)> s_shipped = new(Load);

    /// <summary>As it was written.</summary>
    public static string Shipped => s_shipped.Value.Text;

    /// <param name="own">The user's own; null or empty for none.</param>
    public static AlertRulesOutcome Parse(string? own)
    {
        try
        {
            var document = string.IsNullOrWhiteSpace(own) ? null : YamlDocument.Of(own.TrimStart('\uFEFF'));
            // nothing but comments
            return AlertRulesParser.Parse(s_shipped.Value.Document, document is { Values.Count: > 0 } ? document : null);
        }
        catch (YamlRefusedException refused)
        {
            return new AlertRulesOutcome.Bad([refused.Error]);
        }
    }

    private static (string, ConfigDocument) Load()
    {
        using var stream = typeof(AlertRulesText).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"{Name} is not in this build");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return (text, YamlDocument.Of(text));
    }
}
