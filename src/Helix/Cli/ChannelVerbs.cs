using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Alerts;

namespace Helix.Cli;

/// <summary><c>helix alerts setup</c> and <c>remove</c>: where alerts are told beside the web and the command line.</summary>
internal static class ChannelVerbs
{
    private static readonly string s_channels = string.Join(", ", ChannelNames.All);

    public static Verb SetUp(CliWorld world)
    {
        var channel = Verb.Argument("CHANNEL", $"Which: {s_channels}.");
        var server = new Option<string?>("--server") { Description = "For email: who takes the mail, like smtp.example.org:587.", HelpName = "HOST" };
        var safety = new Option<string?>("--safety") { Description = "For email: starttls, tls, or none on this machine; without it, what is usual at the port.", HelpName = "HOW" };
        var user = new Option<string?>("--user") { Description = "For email: the name to sign in with; its password is asked for.", HelpName = "NAME" };
        var from = new Option<string?>("--from") { Description = "For email: from whom it comes.", HelpName = "MAILBOX" };
        var to = new Option<string?>("--to") { Description = "For email: to whom it goes, with commas between.", HelpName = "MAILBOXES" };
        var place = new Option<string?>("--place") { Description = "For slack: where a bot speaks, like C0123456789; its token is asked for. Without it, the address of an incoming webhook is.", HelpName = "PLACE" };
        var url = new Option<string?>("--url") { Description = "For webhook: where messages are posted to; the key that they are signed with is asked for.", HelpName = "URL" };
        var file = new Option<string?>("--secret-file") { Description = "A file with what is asked for; without it, it is typed, or read from stdin.", HelpName = "FILE" };
        safety.AcceptOnlyFromAmong("starttls", "tls", "none");
        var verb = new Verb(
            "setup", "Have alerts told by mail, on Slack, on Discord, or to a webhook of your own.",
            "helix alerts setup email --server smtp.example.org:587 --user helix --from helix@example.org --to ann@example.org,bob@example.org", "helix alerts setup slack",
            "helix alerts setup slack --place C0123456789 --secret-file token.txt", "helix alerts setup discord", "helix alerts setup webhook --url https://alerts.example.org/helix") { channel, server, safety, user, from, to, place, url, file };
        verb.SetAction((parse, cancellationToken) =>
        {
            var setup = new ChannelSetup
            {
                Server = parse.GetValue(server), Safety = parse.GetValue(safety), User = parse.GetValue(user), From = parse.GetValue(from), Place = parse.GetValue(place), Url = parse.GetValue(url),
                To = parse.GetValue(to)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            };
            return SetUpAsync(parse.GetRequiredValue(channel), setup, parse.GetValue(file), world, cancellationToken);
        });
        return verb;
    }

    public static Verb Remove(CliWorld world)
    {
        var channel = Verb.Argument("CHANNEL", $"Which: {s_channels}.");
        var verb = new Verb("remove", "Tell a channel nothing more, and forget what it was set up with.", "helix alerts remove slack") { channel };
        verb.SetAction((parse, cancellationToken) => RemoveAsync(parse.GetRequiredValue(channel), world, cancellationToken));
        return verb;
    }

    /// <param name="setup">Without its secret.</param>
    private static async Task<int> SetUpAsync(string channel, ChannelSetup setup, string? file, CliWorld world, CancellationToken cancellationToken)
    {
        if (SecretOf(channel, setup) is { } what)
        {
            string? secret;
            try
            {
                // on the command line everybody on the machine could read it
                secret = file is not null ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
                    : world.Terminal.InIsTerminal ? world.Terminal.ReadHidden($"{what} (it is not shown): ")
                    : (await world.Terminal.In.ReadLineAsync(cancellationToken))?.Trim();
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                return world.Terminal.Fail(ExitCodes.NotFound, $"{file} cannot be read: {unreadable.Message}", "check the path, and who may read it");
            }

            if (string.IsNullOrEmpty(secret)) return world.Terminal.Fail(ExitCodes.Usage, $"{what} was not given", "type it when it is asked for, or name a file with --secret-file");
            setup = setup with { Secret = secret };
        }
        else if (file is not null)
        {
            return world.Terminal.Fail(ExitCodes.Usage, "there is a --secret-file, and nothing that it is for", "name the user whose password it is with --user");
        }

        using var daemon = world.Daemon();
        var answer = await daemon.PutAsync(PathOf(channel), JsonSerializer.SerializeToUtf8Bytes(setup, AlertApiJson.Default.ChannelSetup), ApiJson.Default.Done, cancellationToken);
        return Tell(answer, world);
    }

    private static async Task<int> RemoveAsync(string channel, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        return Tell(await daemon.DeleteAsync(PathOf(channel), ApiJson.Default.Done, cancellationToken), world);
    }

    /// <summary>What nobody else may know of this channel; null where there is nothing, or no such channel.</summary>
    private static string? SecretOf(string channel, ChannelSetup setup) => channel switch
    {
        ChannelNames.Email => setup.User is null ? null : $"password of {setup.User}",
        ChannelNames.Slack => setup.Place is null ? "address of Slack's incoming webhook" : "token of Slack's bot",
        ChannelNames.Discord => "address of Discord's webhook",
        ChannelNames.Webhook => "key to sign messages with",
        _ => null,
    };

    private static string PathOf(string channel) => $"/helix/v1/alerts/channels/{Uri.EscapeDataString(channel)}";

    private static int Tell(Answer<Done> answer, CliWorld world)
    {
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }
}
