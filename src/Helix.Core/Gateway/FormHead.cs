using System.Text;
using System.Text.Unicode;

namespace Helix.Core.Gateway;

/// <summary>What stands before a part of a form.</summary>
/// <param name="IsFile">It names a file.</param>
internal readonly record struct FormHead(string Name, bool IsFile)
{
    private static readonly string[] s_plain = ["7bit", "8bit", "binary"];

    /// <param name="lines">Without the blank one that ends them.</param>
    /// <returns>Either the head or what is wrong with it, as a part of a sentence.</returns>
    public static (FormHead Head, string? Wrong) Read(ReadOnlySpan<byte> lines)
    {
        if (!Utf8.IsValid(lines)) return Refuse("the lines before a part are no UTF-8");
        string? disposition = null;
        foreach (var line in Encoding.UTF8.GetString(lines).Split("\r\n"))
        {
            if (line.Any(letter => char.IsControl(letter) && letter != '\t')) return Refuse("a line before a part has a control character in it; lines end with CR and LF");
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !HeaderParameters.IsToken(line.AsSpan(0, colon))) return Refuse("a line before a part is no header; headers stand on one line each");
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
            if (name.Equals("content-disposition", StringComparison.OrdinalIgnoreCase))
            {
                if (disposition is not null) return Refuse("a part has Content-Disposition twice");
                disposition = value;
            }
            else if (name.Equals("content-transfer-encoding", StringComparison.OrdinalIgnoreCase) && !s_plain.Contains(value, StringComparer.OrdinalIgnoreCase))
            {
                return Refuse("a part is encoded (Content-Transfer-Encoding), which nobody reads any more; send it as it is");
            }
        }

        return disposition is null ? Refuse("a part has no Content-Disposition") : Of(disposition);
    }

    private static (FormHead, string?) Of(string disposition)
    {
        if (HeaderParameters.Read(disposition) is not { Kind: "form-data" } read) return Refuse("a part's Content-Disposition is not like: form-data; name=\"model\"");
        // what a sign of escape means in a name, and which of several spellings counts (name*, name*0), is read in several ways
        if (!read.Values.TryGetValue("name", out var name) || name.Contains('\\', StringComparison.Ordinal) || read.Values.Keys.Any(key => key.StartsWith("name*", StringComparison.Ordinal))) return Refuse("a part has no plain name in its Content-Disposition");
        return (new(name, read.Values.Keys.Any(key => key is "filename" || key.StartsWith("filename*", StringComparison.Ordinal))), null);
    }

    private static (FormHead, string?) Refuse(string wrong) => (default, wrong);
}
