namespace Helix.StandIn.Flags;

/// <summary>How a command line library refuses what it does not understand.</summary>
internal enum FlagStyle
{
    /// <summary>Python's argparse: exit code 2, unique beginnings of flags will do.</summary>
    Argparse,

    /// <summary>Rust's clap: exit code 2.</summary>
    Clap,

    /// <summary>llama.cpp's own: exit code 1.</summary>
    Llama,

    /// <summary>Go's kong: exit code 80.</summary>
    Kong,

    /// <summary>Commander for Node.js: exit code 1.</summary>
    Commander,
}

internal static class Refusals
{
    public static Exit Unknown(this FlagStyle style, string program, string flag) => style switch
    {
        FlagStyle.Argparse => new Exit(2, $"usage: {program} [-h] ...\n{program}: error: unrecognized arguments: {flag}"),
        FlagStyle.Clap => new Exit(2, $"error: unexpected argument '{flag}' found\n\nUsage: {program} [OPTIONS]\n\nFor more information, try '--help'."),
        FlagStyle.Llama => new Exit(1, $"error: invalid argument: {flag}"),
        FlagStyle.Kong => new Exit(80, $"{program}: error: unknown flag {flag}"),
        _ => new Exit(1, $"error: unknown option '{flag}'"),
    };

    public static Exit NoValue(this FlagStyle style, string program, string flag) => style switch
    {
        FlagStyle.Argparse => new Exit(2, $"usage: {program} [-h] ...\n{program}: error: argument {flag}: expected one argument"),
        FlagStyle.Clap => new Exit(2, $"error: a value is required for '{flag} <{flag.TrimStart('-').ToUpperInvariant()}>' but none was supplied"),
        FlagStyle.Llama => new Exit(1, $"error while handling argument \"{flag}\": expected value for argument"),
        FlagStyle.Kong => new Exit(80, $"{program}: error: {flag}: missing value"),
        _ => new Exit(1, $"error: option '{flag}' argument missing"),
    };

    public static Exit WrongValue(this FlagStyle style, string program, string flag, string value, string kind) => style switch
    {
        FlagStyle.Argparse when kind.Contains('|') =>
            new Exit(2, $"usage: {program} [-h] ...\n{program}: error: argument {flag}: invalid choice: '{value}' (choose from '{kind.Replace("|", "', '", StringComparison.Ordinal)}')"),
        FlagStyle.Argparse => new Exit(2, $"usage: {program} [-h] ...\n{program}: error: argument {flag}: invalid {(kind == "I" ? "int" : "float")} value: '{value}'"),
        FlagStyle.Clap => new Exit(2, $"error: invalid value '{value}' for '{flag} <{flag.TrimStart('-').ToUpperInvariant()}>'\n\nFor more information, try '--help'."),
        FlagStyle.Llama => new Exit(1, $"error while handling argument \"{flag}\": invalid value \"{value}\""),
        FlagStyle.Kong => new Exit(80, $"{program}: error: {flag}: expected a valid value but got \"{value}\""),
        _ => new Exit(1, $"error: option '{flag}' argument '{value}' is invalid"),
    };
}
