using System.Text;
using Helix.Core.Alerts;
using Helix.Core.Configuration;
using Helix.Core.History;

namespace Helix.Alerts;

/// <summary>
/// Whoever types a command on this machine. What goes on stands in the banner as long as nobody acknowledged it (<see cref="AlertWatch"/> writes that);
/// what is over, or happened once, is one line that the next command shows. A desktop, where there is one, shows all of it.
/// </summary>
/// <param name="desktop">Shows a title and a text; what comes of it is no matter of the message.</param>
internal sealed class CommandLineChannel(BannerFiles files, Func<string, string, Severity, CancellationToken, Task> desktop, Func<HelixConfig> config) : IAlertChannel
{
    public const string Name = "command_line";

    public string Id => Name;

    public ChannelPolicy? Policy => new(Name, HistoryNames.Severity(config().Alerts.CommandLineSeverity) ?? Severity.Error, config().Alerts.CommandLineHourly);

    public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (LineOf(message) is { } line) files.AddNews(message.Key, line);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return new Delivery.Later(disk.Message);
        }

        if (config().Alerts.Desktop) await desktop($"helix: {(message.Firing == 0 && message.Resolved > 0 ? "resolved" : message.Severity.Word())}", TextOf(message), message.Severity, cancellationToken);
        return new Delivery.Sent();
    }

    /// <summary>What the banner does not say; null where it says all.</summary>
    private static string? LineOf(AlertMessage message)
    {
        if (message.IsTest) return AlertText.Title(message);
        AlertEntry[] once = [.. message.Entries.Where(entry => entry.Kind == NoteKind.Resolved || entry.IsNotice)];
        return once.Length == 0 ? null : $"helix: {AlertText.Word(once[0])}: {AlertText.Short(once[0].What)}{(once.Length > 1 ? $", and {once.Length - 1} more" : "")}; see: helix alerts list --state all";
    }

    private static string TextOf(AlertMessage message)
    {
        var text = new StringBuilder(AlertText.Title(message));
        if (message.Entries is [{ Left: { } left, Until: null }]) text.Append("\nleft to do: ").Append(left);
        return text.ToString();
    }
}
