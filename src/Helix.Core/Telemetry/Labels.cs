using System.Text;

namespace Helix.Core.Telemetry;

/// <summary>Labels as they stand between the braces of a sample: escaped once, written often.</summary>
internal sealed class Labels
{
    private readonly byte[] _text;

    private Labels(byte[] text) => _text = text;

    public static Labels None { get; } = new([]);

    public ReadOnlySpan<byte> Text => _text;

    /// <summary>Those without a value are left out, which means the same to a reader.</summary>
    public static Labels Of(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (value.Length == 0) continue;
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"");
            foreach (var letter in value)
            {
                if (letter is '\\' or '"' or '\n') text.Append('\\');
                text.Append(letter == '\n' ? 'n' : letter);
            }

            text.Append('"');
        }

        return new(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
