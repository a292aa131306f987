namespace Helix.Core.Access;

/// <summary>What a key opens. <see cref="Admin"/> opens everything that the others do.</summary>
[Flags]
internal enum KeyScopes
{
    None = 0,
    Infer = 1,
    Admin = 2,

    /// <summary>Reading the metrics, for a program that does nothing else.</summary>
    Metrics = 4,
}

/// <summary>Scopes as they are written on the wire and the command line.</summary>
internal static class KeyScopeNames
{
    private static readonly (KeyScopes Scope, string Name)[] s_all = [(KeyScopes.Infer, "infer"), (KeyScopes.Metrics, "metrics"), (KeyScopes.Admin, "admin")];

    public static IReadOnlyList<string> Names(this KeyScopes scopes) => [.. s_all.Where(one => scopes.HasFlag(one.Scope)).Select(one => one.Name)];

    /// <returns>Null if a name is unknown or there is none.</returns>
    public static KeyScopes? Parse(IReadOnlyList<string> names)
    {
        var scopes = KeyScopes.None;
        foreach (var name in names)
        {
            var scope = s_all.FirstOrDefault(one => one.Name == name).Scope;
            if (scope == KeyScopes.None) return null;
            scopes |= scope;
        }

        return scopes == KeyScopes.None ? null : scopes;
    }
}
