using System.Globalization;
using Helix.Core.Cli;
using Helix.Core.SelfUpdate;

namespace Helix.Core.Screen;

/// <summary>The top of the screen: which helix this is, what the machine gives, and what passes through.</summary>
internal static class MachinePanel
{
    private const int MostGpus = 2;

    public static IEnumerable<ScreenLine> Lines(MonitorPicture picture, MonitorState state, int width, DateTimeOffset now)
    {
        yield return Who(picture, width, now);
        if (state.Lost is { } lost)
            yield return new ScreenLine().Add("helix is not heard", Ink.Bad).Add($": {lost}").Add(picture.At is { } at ? $"; what is shown is of {Clock(at)}" : "");
        if (picture.At is null) yield break;
        yield return Machine(picture.Machine);
        foreach (var gpu in picture.Machine.Gpus.Take(MostGpus)) yield return Gpu(gpu);
        yield return Traffic(picture);
        if (picture.Helix.Notes.Count > 0)
            yield return new ScreenLine().Add("note", Ink.OnItsWay).Add($": {picture.Helix.Notes[0]}").Add(picture.Helix.Notes.Count > 1 ? $" (and {picture.Helix.Notes.Count - 1} more: helix status)" : "");
    }

    private static ScreenLine Who(MonitorPicture picture, int width, DateTimeOffset now)
    {
        var helix = picture.Helix;
        var line = new ScreenLine().Add(helix.Version.Length > 0 ? $"helix {BuildVersion.Short(helix.Version)}" : "helix", Ink.Heading);
        if (helix.Release.Length > 0 && helix.Release != BuildVersion.Short(helix.Version)) line.Add($" ({helix.Release})");
        if (helix.Address.Length > 0) line.Add($"  {helix.Address}");
        if (helix.Started is { } started) line.Add($"  up {Human.Span(now - started)}");
        return line.AddAtEnd(Clock(now), width, Ink.Quiet);
    }

    private static ScreenLine Machine(MachineLines machine)
    {
        var line = new ScreenLine();
        if (machine is { Busy: { } busy, Cores: { } cores }) line.Add("cpu ", Ink.Quiet).Add($"{Figures.Bar(busy)} {Figures.Percent(busy)} of {Figures.Count(cores)}  ");
        if (machine is { Memory: > 0 and var all, MemoryFree: { } free }) line.Add("memory ", Ink.Quiet).Add($"{Figures.Bar((all - free) / all)} {Figures.Bytes(all - free)} of {Figures.Bytes(all)}  ");
        if (machine.DiskFree is { } disk) line.Add("disk ", Ink.Quiet).Add($"{Figures.Bytes(disk)} free", machine.IsDiskLow ? Ink.Bad : Ink.Plain);
        return line;
    }

    private static ScreenLine Gpu(GpuLine gpu)
    {
        var line = new ScreenLine().Add("gpu ", Ink.Quiet).Add($"{gpu.Name}  ");
        if (gpu.Busy is { } busy) line.Add($"{Figures.Bar(busy)} {Figures.Percent(busy)}  ");
        if (gpu.Memory is { } all) line.Add($"{(gpu.Used is { } used ? $"{Figures.Bytes(used)} of " : "")}{Figures.Bytes(all)}  ");
        if (gpu.Celsius is { } celsius) line.Add(FormattableString.Invariant($"{celsius:0} °C  "));
        if (gpu.Watts is { } watts) line.Add(FormattableString.Invariant($"{watts:0} W"));
        return line;
    }

    private static ScreenLine Traffic(MonitorPicture picture)
    {
        var (traffic, machine) = (picture.Traffic, picture.Machine);
        var line = new ScreenLine().Add("now ", Ink.Quiet).Add($"{Figures.Count(traffic.Running)} running{(traffic.Waiting > 0 ? $", {Figures.Count(traffic.Waiting)} waiting" : "")}  ");
        if (traffic.RequestsPerSecond is { } requests) line.Add($"{Figures.Rate(requests)} requests/s  ");
        if (traffic.TokensPerSecond is { } tokens) line.Add($"{Figures.Rate(tokens)} tokens/s  ");
        if (machine is { Budget: { } budget, Reserved: { } reserved }) line.Add("engines ", Ink.Quiet).Add($"{Figures.Bytes(reserved)} of {Figures.Bytes(budget)}  ");
        if (machine.DaemonMemory is { } own) line.Add("helix ", Ink.Quiet).Add(Figures.Bytes(own));
        return line;
    }

    private static string Clock(DateTimeOffset moment) => moment.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
