using System.Collections.Immutable;
using System.Net;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Sandbox;

namespace Helix.Core.Security;

/// <summary>What could be stricter than it is, with the setting that does it. Nothing of it is done unasked.</summary>
internal static class Hardening
{
    private const int ListIsOld = 90;

    /// <param name="sandbox">What was found to hold engines; null where that was not tried.</param>
    /// <param name="listed">The date of the list of known vulnerabilities that is used.</param>
    public static ImmutableArray<SecurityFinding> Of(HelixConfig config, SandboxState? sandbox, string os, DateOnly listed, DateOnly today) =>
    [
        .. Security(config.Security),
        .. Network(config),
        .. Rest(config),
        .. sandbox is null || !config.Security.AutoSandbox ? [] : SandboxFindings.Of(sandbox, config.Security, os).Where(finding => finding.Level != Hardware.FindingLevel.Ok).Select(Weak),
        .. listed.AddDays(ListIsOld) < today
            ? [Setting(Severity.Warning, "security.advisories", $"the list of known vulnerabilities is of {listed:yyyy-MM-dd}", "what became known since is not found", "Update helix, or name an address from which signed lists come", "helix config set security.advisories URL")]
            : ImmutableArray<SecurityFinding>.Empty,
    ];

    private static IEnumerable<SecurityFinding> Security(SecurityConfig security)
    {
        if (!security.AutoSandbox) yield return On(Severity.Error, "security.auto_sandbox", "engines run without a sandbox", "an engine that is taken over may do all that you may");
        else
        {
            if (!security.MinPrivileges) yield return On(Severity.Warning, "security.min_privileges", "engines keep privileges that they do not need", "they are what an attack on the system begins with");
            if (!security.NetworkIsolation) yield return On(Severity.Warning, "security.network_isolation", "engines may reach whatever this machine can reach", "an engine that is taken over can send away what it is told");
            if (!security.ResourceLimits) yield return On(Severity.Warning, "security.resource_limits", "engines may take all memory and all processors", "one that runs wild takes the machine with it");
        }

        if (!security.Watch) yield return On(Severity.Warning, "security.watch", "nobody looks whether all this still holds", "what changes later is not noticed");
        if (!security.RequireKey) yield return On(Severity.Info, "security.require_key", "every program and every user of this machine may use the models without a key", "what they ask and how much cannot be told apart");
    }

    private static IEnumerable<SecurityFinding> Network(HelixConfig config)
    {
        if (IPAddress.TryParse(config.Gateway.Listen, out var address) && !IPAddress.IsLoopback(address))
            yield return Setting(
                Severity.Warning, "gateway.listen", $"the gateway listens on {config.Gateway.Listen}, which others can reach, and helix itself speaks no TLS", "keys and all that is asked pass the network in the clear",
                "Put a TLS proxy in front, or listen on this machine only", "helix config set gateway.listen 127.0.0.1");
        if (IsPlain(config.Network.HubEndpoint)) yield return Setting(Severity.Warning, "network.hub_endpoint", $"models are fetched from {config.Network.HubEndpoint} in the clear", "whoever is on the way can change what comes", "Use an https address", "helix config unset network.hub_endpoint");
        foreach (var mirror in (config.Sources.Mirrors ?? []).Where(mirror => IsPlain(mirror[(mirror.IndexOf('=') + 1)..])))
            yield return Setting(Severity.Warning, "sources.mirrors", $"{mirror} is asked in the clear", "whoever is on the way can change what comes", "Use an https address for the mirror", "helix config set sources.mirrors [ADDRESS=MIRROR]") with { Subject = mirror };
        if (config.Security.Advisories is { } list && IsPlain(list)) yield return Setting(Severity.Info, "security.advisories", $"{list} is asked in the clear", "whoever is on the way can keep new lists away, though not change one", "Use an https address", "helix config set security.advisories URL");
    }

    private static IEnumerable<SecurityFinding> Rest(HelixConfig config)
    {
        if (!config.AutoManager.AutoUpdate) yield return On(Severity.Warning, "auto_manager.auto_update", "engines are not updated by themselves", "a version with a vulnerability stays until somebody thinks of it");
        if (config.Backup is { KeyFile: null, Enabled: true } && (config.Backup.SecondPlace is not null || config.Backup.Command is { Length: > 0 }))
            yield return Setting(
                Severity.Warning, "backup.key_file", "backups leave this disk unencrypted", "they hold the configuration, what was said to engines that others run, and the history",
                "Make a key (head -c 32 /dev/urandom > FILE; chmod 600 FILE), keep a copy of it elsewhere, and name it", "helix config set backup.key_file /path/to/FILE");
    }

    private static SecurityFinding Weak(Hardware.Finding finding) => new(
        FindingNames.SandboxWeak, Severity.Warning, finding.Subject, finding.What, "an engine that is taken over could make use of it", finding.Remedy?.TrimEnd('.') ?? "Nothing can be done on this machine");

    private static SecurityFinding On(Severity severity, string path, string what, string why) => Setting(severity, path, $"{path} is false: {what}", why, "Switch it on where that is not meant", $"helix config set {path} true");

    private static SecurityFinding Setting(Severity severity, string path, string what, string why, string remedy, string command) => new(FindingNames.Setting, severity, path, what, why, remedy) { Command = command };

    private static bool IsPlain(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == "http" && !uri.IsLoopback;
}
