using System.Collections.Frozen;
using Helix.Core.Dashboard;

namespace Helix.Dashboard;

/// <summary>The dashboard's files, which are a part of this program. One that was built without them has none, and says so.</summary>
internal sealed class PageShelf
{
    /// <summary>The page itself.</summary>
    public const string Index = "index.html";

    /// <summary>Before their names among the resources of this program.</summary>
    private const string Prefix = "ui/";

    private readonly FrozenDictionary<string, PageFile> _files;

    /// <param name="open">By name, with slashes between folders.</param>
    public PageShelf(IEnumerable<string> names, Func<string, Stream> open) =>
        _files = names.ToFrozenDictionary(name => name, name => new PageFile(name, () => open(name)), StringComparer.Ordinal);

    public static PageShelf OfThisProgram()
    {
        var program = typeof(PageShelf).Assembly;
        return new(
            program.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..]),
            name => program.GetManifestResourceStream(Prefix + name)!);
    }

    /// <summary>Makes every file in the form that browsers take: whoever asks in a moment does not wait for it. Returns at once; what is made already stays.</summary>
    public void Warm() => _ = Task.Run(() =>
    {
        foreach (var file in _files.Values) file.In(ContentForm.Brotli);
    });

    public bool HasPages => _files.ContainsKey(Index);

    /// <summary>Null where there is none of that name: nothing outside of this list can be asked for, however it is spelt.</summary>
    public PageFile? Find(string name) => _files.GetValueOrDefault(name);
}
