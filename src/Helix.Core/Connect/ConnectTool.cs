using System.Collections.Immutable;

namespace Helix.Core.Connect;

internal enum SettingsFormat
{
    /// <summary>The tool has no file that could be written.</summary>
    None,
    Json,
    Toml,
    Yaml,
}

/// <summary>In whose words a tool asks.</summary>
internal enum ToolDialect
{
    /// <summary>OpenAI's chat completions.</summary>
    Chat,

    /// <summary>OpenAI's Responses.</summary>
    Responses,

    /// <summary>Anthropic's Messages.</summary>
    Messages,
}

/// <summary>A program that talks to models, and what has to be set so that it talks to helix.</summary>
/// <param name="Id">As the command line names it.</param>
/// <param name="Programs">Names under which it is started.</param>
internal sealed record ConnectTool(string Id, string Name, ToolDialect Dialect, ImmutableArray<string> Programs)
{
    public SettingsFormat Format { get; init; }

    /// <summary>The user's own settings of it; null where it has no such file.</summary>
    public Func<UserPlaces, string>? File { get; init; }

    /// <summary>A file or folder that is there where the tool was used; null for the folder of <see cref="File"/>.</summary>
    public Func<UserPlaces, string>? Trace { get; init; }

    /// <summary>A file beside <see cref="File"/> that the tool no longer reads once that one is there.</summary>
    public string? Older { get; init; }

    /// <summary>What is set in <see cref="File"/>; the flag says that there is nothing in it yet.</summary>
    public Func<ToolValues, bool, ImmutableArray<ToolSetting>> Settings { get; init; } = (_, _) => [];

    /// <summary>What the user has to put into the tool's environment.</summary>
    public Func<ToolValues, ImmutableArray<(string Name, string Value)>> Variables { get; init; } = _ => [];

    /// <summary>Its agent asks with tools, which the built-in engine does not know.</summary>
    public bool AsksWithTools { get; init; }

    /// <summary>What its user should know.</summary>
    public string Note { get; init; } = "";

    /// <summary>Of the key that is made for it.</summary>
    public string KeyName => $"connect-{Id}";
}

/// <param name="Address">Of the gateway, without a path.</param>
/// <param name="ContextTokens">Of the model.</param>
internal sealed record ToolValues(string Address, string Key, string Model, int ContextTokens)
{
    public string OpenAiAddress => $"{Address}/v1";

    /// <summary>The address at which this machine reaches a gateway that listens on all of its own.</summary>
    public static string Reachable(string address) =>
        address.Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal).Replace("//[::]:", "//[::1]:", StringComparison.Ordinal);
}
