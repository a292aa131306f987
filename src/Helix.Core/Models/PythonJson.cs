namespace Helix.Core.Models;

/// <summary>Python writes numbers into its JSON that JSON does not have.</summary>
internal static class PythonJson
{
    private static readonly byte[][] s_numbers = ["-Infinity"u8.ToArray(), "Infinity"u8.ToArray(), "NaN"u8.ToArray()];

    /// <summary>The same text with <c>null</c> and spaces where <c>Infinity</c> or <c>NaN</c> stands outside of a text.</summary>
    public static ReadOnlyMemory<byte> Strict(ReadOnlyMemory<byte> json)
    {
        byte[]? changed = null;
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var letter = json.Span[i];
            if (inText && letter == '\\') i++;
            else if (letter == '"') inText = !inText;
            if (inText || letter is not ((byte)'-' or (byte)'I' or (byte)'N')) continue;
            if (s_numbers.FirstOrDefault(number => json.Span[i..].StartsWith(number)) is not { } found) continue;

            changed ??= json.ToArray();
            // NaN has no room for the word; a zero says as little
            (found.Length < 4 ? "0  "u8 : "null     "u8[..found.Length]).CopyTo(changed.AsSpan(i));
            i += found.Length - 1;
        }

        return changed ?? json;
    }
}
