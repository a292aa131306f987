using System.Globalization;
using Helix.Core.Configuration;
using Helix.Core.Planning;
using Helix.Processes;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Fleet;

/// <summary>Starts the built-in engine: this very program, with its hidden verb <c>engine</c>.</summary>
/// <param name="program">Path of the helix binary.</param>
/// <param name="socketFor">Path of the socket of an instance; the same for the same name, also after the daemon was replaced.</param>
internal sealed class BuiltinRecipe(string program, HelixHome home, string release, Func<string, string> socketFor) : ILaunchRecipe
{
    public const string LibrariesOption = "--libraries";

    private readonly string _data = Path.Combine(home.Providers, Fleet.Builtin, "data");

    public string Release => release;

    public string InstanceName(string model) => $"{Fleet.Builtin}-{model}";

    public InstanceSpec SpecOf(PlannedModel model, int contextPerSlot, BuiltinConfig config, EngineLibraries? libraries = null)
    {
        // the self-test is small and is to answer always: the processor is enough, and a device's memory is better used
        if (model.IsSelfTest) libraries = null;
        var name = InstanceName(model.Id);
        var socket = socketFor(name);
        string[] arguments =
        [
            "engine",
            "--model", model.Path,
            "--socket", socket,
            "--alias", model.Id,
            "--slots", config.Slots.ToString(CultureInfo.InvariantCulture),
            "--context", contextPerSlot.ToString(CultureInfo.InvariantCulture),
            "--threads", config.Threads.ToString(CultureInfo.InvariantCulture),
            .. libraries is null ? Array.Empty<string>() : [LibrariesOption, libraries.Folder],
        ];
        var environment = EnvironmentOf(_data, libraries);
        var log = Path.Combine(home.Logs, Fleet.Builtin, name + ".log");
        return new InstanceSpec(name, Fleet.Builtin, model.Id, socket, model.Bytes, model.Abilities, new LaunchSpec(name, program, arguments, environment, _data, log));
    }

    /// <summary>The environment of an engine: nothing of ours, but what its libraries need.</summary>
    public static Dictionary<string, string> EnvironmentOf(string data, EngineLibraries? libraries)
    {
        var environment = new Dictionary<string, string>(libraries?.Environment ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["HOME"] = data,
            ["LANG"] = "C.UTF-8",
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root) environment["DOTNET_ROOT"] = root;
        return environment;
    }

    /// <summary>Makes the folders that the engine's process needs.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(_data);
        Directory.CreateDirectory(Path.Combine(home.Logs, Fleet.Builtin));
    }
}
