using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Helix.Mirrors.Python;

/// <summary>A package index at <c>/pypi/simple/</c>, and again below each <c>/HOST/whl/VARIANT/</c>: pages in HTML (PEP 503) and, to who asks for them, in JSON (PEP 691).</summary>
internal sealed partial class PythonIndex : IMirror
{
    private const string Pages = "/pypi/simple/", Wheels = "/pypi/files/", Json = "application/vnd.pypi.simple.v1+json";

    private readonly ConcurrentDictionary<string, (Wheel Wheel, byte[] Bytes)> _wheels = new(StringComparer.Ordinal);

    public void Add(Wheel wheel) => _wheels[wheel.FileName] = (wheel, wheel.Build());

    /// <summary>The path of a wheel, for faults.</summary>
    public static string PathOf(Wheel wheel) => Wheels + wheel.FileName;

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (request.Path.StartsWith(Wheels, StringComparison.Ordinal) && _wheels.TryGetValue(request.Path[Wheels.Length..], out var found))
        {
            await request.SendAsync(found.Bytes);
            return true;
        }

        if (Page().Match(request.Path) is not { Success: true } page) return false;
        var name = page.Groups["name"].Value;
        var wheels = _wheels.Values.Where(entry => Normal(entry.Wheel.Name) == Normal(name)).OrderBy(entry => entry.Wheel.FileName, StringComparer.Ordinal).ToArray();
        if (name.Length > 0 && wheels.Length == 0) return false;
        var json = request.Context.Request.Headers.Accept.ToString().Contains(Json, StringComparison.Ordinal);
        await (name.Length == 0 ? request.SendAsync(Root(), "text/html") : json ? request.SendAsync(AsJson(name, wheels), Json) : request.SendAsync(AsHtml(wheels), "text/html"));
        return true;
    }

    private string Root() =>
        Written(_wheels.Values.Select(entry => Normal(entry.Wheel.Name)).Distinct().Order(StringComparer.Ordinal).Select(name => $"<a href=\"{Pages}{name}/\">{name}</a><br/>"));

    private static string AsHtml((Wheel Wheel, byte[] Bytes)[] wheels) => Written(wheels.Select(entry =>
        $"<a href=\"{PathOf(entry.Wheel)}#sha256={Digest(entry.Bytes)}\" data-requires-python=\"{entry.Wheel.RequiresPython.Replace(">", "&gt;", StringComparison.Ordinal)}\">{entry.Wheel.FileName}</a><br/>"));

    private static string AsJson(string name, (Wheel Wheel, byte[] Bytes)[] wheels) => new JsonObject
    {
        ["meta"] = new JsonObject { ["api-version"] = "1.1" },
        ["name"] = Normal(name),
        ["versions"] = new JsonArray([.. wheels.Select(entry => entry.Wheel.Version).Distinct().Select(version => (JsonNode)version)]),
        ["files"] = new JsonArray([.. wheels.Select(entry => (JsonNode)new JsonObject
        {
            ["filename"] = entry.Wheel.FileName, ["url"] = PathOf(entry.Wheel), ["size"] = entry.Bytes.Length, ["requires-python"] = entry.Wheel.RequiresPython,
            ["hashes"] = new JsonObject { ["sha256"] = Digest(entry.Bytes) },
        })]),
    }.ToJsonString();

    private static string Written(IEnumerable<string> links)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.0\"></head><body>\n");
        foreach (var link in links) page.Append(link).Append('\n');
        return page.Append("</body></html>\n").ToString();
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Normal(string name) => Separators().Replace(name, "-").ToLowerInvariant();

    [GeneratedRegex("^(/pypi/simple|/[^/]+/whl/[^/]+)/(?<name>[^/]*)/?$")]
    private static partial Regex Page();

    [GeneratedRegex("[-_.]+")]
    private static partial Regex Separators();
}
