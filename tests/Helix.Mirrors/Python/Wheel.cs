using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Helix.Mirrors.Files;

namespace Helix.Mirrors.Python;

/// <summary>A wheel made from text.</summary>
/// <param name="Name">As the index knows it, with <c>-</c>.</param>
/// <param name="Tag">Which Python, which interface, which platform.</param>
internal sealed record Wheel(string Name, string Version, string Tag = "py3-none-any")
{
    /// <summary>Requirements in pip's words, as <c>torch==2.13.0</c> or <c>a==1 ; extra == 'cu12'</c>.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    public IReadOnlyList<string> Extras { get; init; } = [];

    /// <summary>Commands, each as <c>module:function</c>.</summary>
    public IReadOnlyDictionary<string, string> Scripts { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<Entry> Files { get; init; } = [];

    public string RequiresPython { get; init; } = ">=3.8";

    public string FileName => $"{Name.Replace('-', '_')}-{Version}-{Tag}.whl";

    public string Metadata => string.Concat(
        $"Metadata-Version: 2.1\nName: {Name}\nVersion: {Version}\nRequires-Python: {RequiresPython}\n",
        string.Concat(Extras.Select(extra => $"Provides-Extra: {extra}\n")),
        string.Concat(Requires.Select(requirement => $"Requires-Dist: {requirement}\n")));

    public byte[] Build()
    {
        var info = $"{Name.Replace('-', '_')}-{Version}.dist-info";
        List<Entry> entries =
        [
            .. Files,
            new($"{info}/METADATA", Metadata),
            new($"{info}/WHEEL", $"Wheel-Version: 1.0\nGenerator: helix-tests\nRoot-Is-Purelib: true\nTag: {Tag}\n"),
        ];
        if (Scripts.Count > 0)
            entries.Add(new($"{info}/entry_points.txt", "[console_scripts]\n" + string.Concat(Scripts.Select(script => $"{script.Key} = {script.Value}\n"))));
        var record = new StringBuilder();
        foreach (var entry in entries) record.Append($"{entry.Path},sha256={Base64Url.EncodeToString(SHA256.HashData(entry.Bytes))},{entry.Bytes.Length}\n");
        entries.Add(new($"{info}/RECORD", $"{record}{info}/RECORD,,\n"));
        return Archive.Zip(entries);
    }
}
