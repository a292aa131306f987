using System.Collections.Immutable;
using System.Text;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>Words in braces that stand in a manifest for what is known only where it is used. Two braces stand for one that is meant.</summary>
internal static class Placeholders
{
    /// <summary>What may stand in steps of an installation.</summary>
    public static ImmutableArray<string> Install { get; } = ["version", "release", "python", "node", "jobs"];

    /// <summary>What may stand in a command line, a variable or a file of an engine.</summary>
    public static ImmutableArray<string> Launch { get; } =
    [
        "version", "release", "data", "python", "node",
        "socket", "port", "port2", "port3", "key", "admin_key",
        "model", "model_id", "model_folder", "model_file", "model_gguf", "models",
        "context", "context_total", "slots", "threads", "batch", "memory_share", "gpu_layers", "gpus", "devices", "device_split", "tensor_parallel", "kv_gb",
    ];

    /// <summary>Null when every word in braces is known, else what may follow "was …".</summary>
    public static string? Refuse(string text, ImmutableArray<string> known)
    {
        string? unknown = null;
        var closed = Walk(text, _ => { }, word => unknown ??= known.Contains(word) ? null : word);
        return !closed ? "; a brace is not closed: write {{ for one that is meant"
            : unknown is null ? null
            : $"; {{{unknown}}} means nothing here" + (Nearest.To(unknown, known) is { } near ? $": did you mean {{{near}}}?" : known.IsEmpty ? "" : $": there are {string.Join(", ", known.Select(word => $"{{{word}}}"))}");
    }

    /// <summary>The text with every word in braces replaced.</summary>
    /// <exception cref="KeyNotFoundException">A word that <see cref="Refuse"/> lets pass has no value here.</exception>
    public static string Fill(string text, IReadOnlyDictionary<string, string> values)
    {
        var filled = new StringBuilder();
        Walk(text, letter => filled.Append(letter), word => filled.Append(values[word]));
        return filled.ToString();
    }

    /// <returns>False when a brace is opened and not closed.</returns>
    private static bool Walk(string text, Action<char> plain, Action<string> word)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var isDouble = i + 1 < text.Length && text[i] is '{' or '}' && text[i + 1] == text[i];
            if (isDouble) plain(text[i++]);
            else if (text[i] != '{') plain(text[i]);
            else if (text.IndexOf('}', i) is > 0 and var end)
            {
                word(text[(i + 1)..end]);
                i = end;
            }
            else return false;
        }

        return true;
    }
}
