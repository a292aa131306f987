using System.Collections;
using Helix.Core.Processes;

namespace Helix.Processes;

/// <summary>This process's environment, as it is passed on: without what was meant for this process alone.</summary>
internal static class KeeperEnvironment
{
    public static Dictionary<string, string> Ours()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        environment.Remove(PassedListener.Variable);
        environment.Remove("HELIX_KEEPER_SOCKET");
        environment.Remove(StartGate.Variable);
        environment.Remove("HELIX_CALLED");
        return environment;
    }
}
