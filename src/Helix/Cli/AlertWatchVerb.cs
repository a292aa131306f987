using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

/// <summary>Writes each message about alerts as it comes. A daemon that is followed by another is no end of it: what came meanwhile is written then.</summary>
internal static class AlertWatchVerb
{
    private const string IdField = "id: ";
    private const string DataField = "data: ";
    private const string EventField = "event: ";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    public static Command Create(CliWorld world)
    {
        var verb = new Verb("watch", "Write what is told of alerts from now on, until Ctrl-C.", "helix alerts watch", "helix alerts watch --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, _) => RunAsync(parse.IsJson(), world));
        return verb;
    }

    private static async Task<int> RunAsync(bool json, CliWorld world)
    {
        using var signals = world.Interrupts.Listen();
        var cancellationToken = world.Interrupts.Token;
        using var daemon = world.Daemon();
        for (long? after = null; ;)
        {
            var path = after is { } last ? $"/helix/v1/alerts/watch?after={last.ToString(CultureInfo.InvariantCulture)}" : "/helix/v1/alerts/watch";
            var answer = await daemon.OpenAsync(HttpMethod.Get, path, null, cancellationToken);
            if (answer is not Answer<HttpResponseMessage>.Is(var response)) return answer.Fail(world.Terminal);
            using (response)
            {
                if (!response.IsSuccessStatusCode)
                {
                    var error = await DaemonClient.ErrorOfAsync(response, cancellationToken);
                    return world.Terminal.Fail(ExitCodes.Of(error.Code), error.Message, error.Remedy);
                }

                after = await FollowAsync(response, after, json, world.Terminal, cancellationToken);
            }

            await Task.Delay(s_pause, world.Time, cancellationToken);
        }
    }

    /// <returns>Number of the last message that was written, when the daemon ends it.</returns>
    private static async Task<long?> FollowAsync(HttpResponseMessage response, long? after, bool json, Terminal terminal, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        string? kind = null, data = null;
        var id = after;
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith(EventField, StringComparison.Ordinal)) kind = line[EventField.Length..];
                else if (line.StartsWith(DataField, StringComparison.Ordinal)) data = line[DataField.Length..];
                else if (line.StartsWith(IdField, StringComparison.Ordinal)) id = long.Parse(line.AsSpan(IdField.Length), NumberStyles.None, CultureInfo.InvariantCulture);
                else if (line.Length == 0)
                {
                    if (kind == "message" && data is not null) await WriteAsync(data, json, terminal);
                    (kind, data, after) = (null, null, id);
                }
            }
        }
        catch (IOException)
        {
            // the daemon went away; the next one is asked
        }

        return after;
    }

    private static async Task WriteAsync(string data, bool json, Terminal terminal)
    {
        if (json) await terminal.Out.WriteLineAsync(data);
        else if (JsonSerializer.Deserialize(data, AlertApiJson.Default.MessageReport) is { } message) await terminal.Out.WriteAsync(terminal.Shown(message.Text + "\n"));
        await terminal.Out.FlushAsync();
    }
}
