using System.Reflection;
using System.Text.RegularExpressions;
using Helix.Core.Fleet;
using Helix.Engine.Native;
using Helix.Fleet;

namespace Helix.Tests.Documents;

/// <summary>A document that names a type or a path that is no longer there is wrong, and fails here.</summary>
public partial class DocumentTests
{
    /// <summary>Names of other works that look like type names.</summary>
    private static readonly HashSet<string> s_foreign = new(StringComparer.Ordinal) { "Diagnostics", "Origin", "Host", "Authorization", "Bearer", "Fakes", "Unreleased" };

    public static TheoryData<string> Documents => [.. Pages()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_type_that_a_document_names_exists(string page)
    {
        var known = Names().ToHashSet(StringComparer.Ordinal);
        var unknown = Code(page).Where(code => TypeName().IsMatch(code)).SelectMany(code => code.Split('.')).Where(name => !known.Contains(name) && !s_foreign.Contains(name));

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_document_names_exists(string page)
    {
        var paths = Code(page).Where(code => OwnPath().IsMatch(code));
        var links = Link().Matches(Text(page)).Select(m => m.Groups[1].Value).Where(l => !l.Contains(':', StringComparison.Ordinal) && !l.StartsWith('#'))
            .Select(l => Path.GetRelativePath(RepositoryRoot.Path, Path.Combine(RepositoryRoot.Path, Path.GetDirectoryName(page)!, l.Split('#')[0])));

        string[] missing = [.. paths.Concat(links).Where(path => !Path.Exists(Path.Combine(RepositoryRoot.Path, path)))];
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(RepositoryRoot.Path, path)).Order(StringComparer.Ordinal);

    private static string Text(string page) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, page));

    private static IEnumerable<string> Code(string page) => InlineCode().Matches(Text(page)).Select(m => m.Groups[1].Value);

    private static IEnumerable<string> Names()
    {
        Assembly[] assemblies = [typeof(Lifecycle).Assembly, typeof(LlamaLibrary).Assembly, typeof(Supervisor).Assembly];
        foreach (var assembly in assemblies)
        {
            yield return assembly.GetName().Name!;
            foreach (var type in assembly.GetTypes())
            {
                yield return type.Name.Split('`')[0];
                foreach (var part in type.Namespace?.Split('.') ?? []) yield return part;
                foreach (var member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance)) yield return member.Name;
            }
        }
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^[A-Z][a-z]+[A-Za-z]*(\.[A-Z][A-Za-z]+)*$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^(src|tests|bench|docs|engines|models|providers)/[A-Za-z0-9_./-]*$")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
