using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Helix.Tests.Dashboard;

/// <summary>What is embedded of the dashboard is what its sources make of it: <c>ui/build.mjs</c> writes down from which it was made.</summary>
public sealed class BuiltPagesTests
{
    private static readonly string s_ui = Path.Combine(RepositoryRoot.Path, "ui");
    private static readonly JsonNode s_built = JsonNode.Parse(File.ReadAllBytes(Path.Combine(s_ui, "dist", "build.json")))!;

    [Fact]
    public void They_were_made_from_the_sources_that_are_here()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(s_ui, "src"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(s_ui, path).Replace('\\', '/'))
            .Concat(["build.mjs", "package-lock.json", "package.json", "tsconfig.json"]).Order(StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var source in sources)
        {
            hash.AppendData([.. Encoding.UTF8.GetBytes(source), 0]);
            hash.AppendData(File.ReadAllBytes(Path.Combine(s_ui, source)));
            hash.AppendData([0]);
        }

        Assert.True((string?)s_built["sources"] == Convert.ToHexStringLower(hash.GetHashAndReset()), "ui/dist was made from other sources. Run: npm ci --prefix ui && npm run build --prefix ui");
    }

    [Fact]
    public void They_are_as_they_were_made_and_there_are_no_others()
    {
        var made = s_built["files"]!.AsObject().ToDictionary(file => file.Key, file => (string)file.Value!["sha256"]!);

        Assert.Equal(made.Keys.Append("build.json").Order(StringComparer.Ordinal), Directory.EnumerateFiles(Path.Combine(s_ui, "dist")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        foreach (var (name, digest) in made) Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(s_ui, "dist", name)))));
    }
}
