using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Helix.Mirrors.Npm;

/// <summary>A package registry at <c>/npm/</c>: what there is of a package, and its archives.</summary>
internal sealed class NpmRegistry : IMirror
{
    private const string Root = "/npm/";

    private readonly ConcurrentDictionary<(string Name, string Version), (NpmPackage Package, byte[] Bytes)> _packages = new();

    public void Add(NpmPackage package) => _packages[(package.Name, package.Version)] = (package, package.Build());

    /// <summary>The path of a package's archive, for faults.</summary>
    public static string PathOf(NpmPackage package) => $"{Root}{package.Name}/-/{package.Name.Split('/')[^1]}-{package.Version}.tgz";

    public async Task<bool> TryAnswerAsync(Request request)
    {
        if (!request.Path.StartsWith(Root, StringComparison.Ordinal)) return false;
        var path = request.Path.Replace("%2f", "/", StringComparison.OrdinalIgnoreCase);
        if (_packages.Values.FirstOrDefault(entry => PathOf(entry.Package) == path) is { Package: not null } found)
        {
            await request.SendAsync(found.Bytes);
            return true;
        }

        var versions = _packages.Values.Where(entry => entry.Package.Name == path[Root.Length..]).OrderBy(entry => entry.Package.Version, StringComparer.Ordinal).ToArray();
        if (versions.Length == 0) return false;
        await request.SendAsync(Packument(request.Base, versions).ToJsonString(), "application/json");
        return true;
    }

    private static JsonObject Packument(string address, (NpmPackage Package, byte[] Bytes)[] versions)
    {
        var all = new JsonObject();
        foreach (var (package, bytes) in versions)
        {
            var manifest = package.Manifest();
            manifest["dist"] = new JsonObject
            {
                ["tarball"] = address + PathOf(package),
                ["integrity"] = "sha512-" + Convert.ToBase64String(SHA512.HashData(bytes)),
                ["shasum"] = Sha1(bytes),
                ["unpackedSize"] = bytes.Length,
            };
            all[package.Version] = manifest;
        }

        var latest = versions[^1].Package;
        return new JsonObject { ["name"] = latest.Name, ["dist-tags"] = new JsonObject { ["latest"] = latest.Version }, ["versions"] = all };
    }

#pragma warning disable CA5350 // npm's own field
    private static string Sha1(byte[] bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));
#pragma warning restore CA5350
}
