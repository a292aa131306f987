namespace Helix.Storage;

/// <summary>Every path helix uses, from one root. Nothing else joins path names of the state on disk.</summary>
internal sealed record HelixHome(string Root)
{
    /// <summary><c>$HELIX_HOME</c>, else <c>~/.helixcode</c>; always absolute.</summary>
    public static HelixHome FromEnvironment()
    {
        var root = Environment.GetEnvironmentVariable("HELIX_HOME");
        if (string.IsNullOrWhiteSpace(root))
            root = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".helixcode");
        return new HelixHome(Path.GetFullPath(root));
    }

    public string LocalLlm => Path.Combine(Root, "local-llm");

    /// <summary>The one configuration file.</summary>
    public string Config => Path.Combine(LocalLlm, "auto-manager", "config", "auto-config.yaml");

    /// <summary>The user's own rules of alerts; often not there.</summary>
    public string AlertRules => Path.Combine(Path.GetDirectoryName(Config)!, "alerts.yaml");

    public string Models => Path.Combine(LocalLlm, "models");

    public string Providers => Path.Combine(LocalLlm, "providers");

    /// <summary>What was downloaded for providers; shared by their releases.</summary>
    public string Downloads => Path.Combine(LocalLlm, "downloads");

    /// <summary>Programs that installations call, fetched where the machine has none.</summary>
    public string Tools => Path.Combine(LocalLlm, "tools");

    /// <summary>Releases of helix itself.</summary>
    public string Releases => Path.Combine(LocalLlm, "helix");

    /// <summary>The user's own manifests.</summary>
    public string UserProviders => Path.Combine(LocalLlm, "providers.d");

    public string State => Path.Combine(LocalLlm, "state");

    public string Database => Path.Combine(State, "helix.db");

    /// <summary>One line about alerts that nobody acknowledged, for whoever types a command; not there while there are none.</summary>
    public string AlertBanner => Path.Combine(State, "alerts.banner");

    /// <summary>Lines about alerts that are shown once, to whoever types the next command.</summary>
    public string AlertNews => Path.Combine(State, "alerts.news");

    /// <summary>What was asked and answered, where the user has that kept.</summary>
    public string Captures => Path.Combine(State, "captures");

    public string Backups => Path.Combine(LocalLlm, "backups");

    /// <summary>What was set for tools that use the gateway.</summary>
    public string Connections => Path.Combine(LocalLlm, "connect");

    public string Connection(string tool) => Path.Combine(Connections, tool);

    /// <summary>The text of the last configuration that was right.</summary>
    public string LastGoodConfig => Path.Combine(State, "last-good-config.yaml");

    public string Logs => Path.Combine(LocalLlm, "logs");

    public string KeeperLog => Path.Combine(Logs, "helix", "keeper.log");

    public string DaemonLog => Path.Combine(Logs, "helix", "daemon.log");

    /// <summary>Held, and signed, by the one keeper of this home; it stays there.</summary>
    public string KeeperLock => Path.Combine(LocalLlm, "keeper.lock");

    /// <summary>A link to a short folder that holds the sockets; a socket path has room for 107 bytes, so bind and connect through the link's target.</summary>
    public string RunLink => Path.Combine(LocalLlm, "run");
}
