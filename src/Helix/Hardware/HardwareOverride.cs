using Helix.Configuration;
using Helix.Core.Hardware;
using Helix.Storage;

namespace Helix.Hardware;

/// <summary>The machine that helix plans for: this one, or the one that <c>hardware.override</c> describes. Decided once, when the daemon starts.</summary>
internal sealed class HardwareOverride
{
    private readonly HelixHome _home;
    private readonly MachineFile? _file;

    public HardwareOverride(HelixHome home, IConfigView config)
    {
        _home = home;
        if (config.Current.Hardware.Override is not { } path) return;
        (_file, var why) = Read(path);
        Note = why is null ? $"this machine is planned as {path} says, not as it is" : $"{path} cannot be used as hardware.override, so the machine is planned as it is: {why}";
    }

    /// <returns>The machine that a file describes, or why it describes none.</returns>
    public static (MachineFile? File, string? Why) Read(string path)
    {
        switch (File.Exists(path) ? ConfigFile.Read(path) : new FileText.Refused("it is not there"))
        {
            case FileText.Is(var text):
                var (file, errors) = MachineFileText.Parse(text);
                return (file, file is null ? string.Join("; ", errors) : null);
            case FileText.Refused(var refused): return (null, refused);
            default: throw new InvalidOperationException("a text is either there or refused");
        }
    }

    /// <summary>What a user must know of it; null where there is nothing to say.</summary>
    public string? Note { get; }

    /// <param name="real">The machine as it was found.</param>
    public MachineFacts Machine(MachineFacts real) => _file?.Machine ?? real;

    /// <summary>Measured at each call where nothing else is said. The disk is the real one always: what is fetched must fit.</summary>
    public HardwareFacts Hardware()
    {
        var real = HardwareProbe.Measure(_home.Models);
        return _file is { Hardware: var said } ? said with { FreeDisk = said.FreeDisk is { } disk && real.FreeDisk is { } free ? Math.Min(disk, free) : real.FreeDisk } : real;
    }
}
