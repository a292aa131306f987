using System.Collections.Immutable;
using System.Text;

namespace Helix.Core.Telemetry;

/// <summary>Labels of a sample: escaped once, written often.</summary>
internal sealed class Labels
{
    private readonly byte[] _text;

    private Labels(byte[] text, ImmutableArray<KeyValuePair<string, object?>> pairs) => (_text, Pairs) = (text, pairs);

    public static Labels None { get; } = new([], []);

    /// <summary>As they stand between the braces of Prometheus' text format.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>As OpenTelemetry takes them.</summary>
    public ImmutableArray<KeyValuePair<string, object?>> Pairs { get; }

    /// <summary>Those without a value are left out, which means the same to a reader.</summary>
    /// <param name="labels">By OpenTelemetry's names; where those have a dot, Prometheus' have a <c>_</c>.</param>
    public static Labels Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var (text, pairs) = (new StringBuilder(), ImmutableArray.CreateBuilder<KeyValuePair<string, object?>>(labels.Length));
        foreach (var (name, value) in labels)
        {
            if (value.Length == 0) continue;
            if (text.Length > 0) text.Append(',');
            pairs.Add(new(name, value));
            text.Append(name.Replace('.', '_')).Append("=\"");
            foreach (var letter in value)
            {
                if (letter is '\\' or '"' or '\n') text.Append('\\');
                text.Append(letter == '\n' ? 'n' : letter);
            }

            text.Append('"');
        }

        return new(Encoding.UTF8.GetBytes(text.ToString()), pairs.ToImmutable());
    }
}
