namespace Helix.Core.Connect;

/// <summary>Where a user's programs keep their settings.</summary>
/// <param name="Home">The user's folder.</param>
/// <param name="Variable">Variables of this process.</param>
internal sealed record UserPlaces(string Home, bool IsMac, Func<string, string?> Variable)
{
    public string Config => Of("XDG_CONFIG_HOME", ".config");

    /// <summary>The folder that a variable names; where it names none, one below the user's.</summary>
    public string Of(string variable, string otherwise) =>
        Variable(variable) is { Length: > 0 } named && Path.IsPathFullyQualified(named) ? named : Path.Combine(Home, otherwise);
}
