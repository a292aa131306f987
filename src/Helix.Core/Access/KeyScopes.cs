namespace Helix.Core.Access;

/// <summary>What a key opens. <see cref="Admin"/> opens everything that <see cref="Infer"/> does.</summary>
[Flags]
internal enum KeyScopes
{
    None = 0,
    Infer = 1,
    Admin = 2,
}

/// <summary>Scopes as they are written on the wire and the command line.</summary>
internal static class KeyScopeNames
{
    public static IReadOnlyList<string> Names(this KeyScopes scopes) =>
        [.. scopes.HasFlag(KeyScopes.Infer) ? ["infer"] : Array.Empty<string>(), .. scopes.HasFlag(KeyScopes.Admin) ? ["admin"] : Array.Empty<string>()];

    /// <returns>Null if a name is unknown or there is none.</returns>
    public static KeyScopes? Parse(IReadOnlyList<string> names)
    {
        var scopes = KeyScopes.None;
        foreach (var name in names)
        {
            if (name is not ("infer" or "admin")) return null;
            scopes |= name == "infer" ? KeyScopes.Infer : KeyScopes.Admin;
        }

        return scopes == KeyScopes.None ? null : scopes;
    }
}
