using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Cli;

/// <summary><c>helix alerts</c>: what somebody should know of, and what he says about it.</summary>
internal static class AlertVerbs
{
    private const string Listed = "As \"helix alerts list\" shows it.";

    public static Command Create(CliWorld world) => Verb.Group(
        "alerts", "See what somebody should know of, acknowledge it, or silence it.",
        List(world), Show(world), Acknowledge(world), Resolve(world), Silence(world), EndSilence(world), AlertWatchVerb.Create(world), AlertRulesVerb.Create(world), Channels(world), ChannelVerbs.SetUp(world), ChannelVerbs.Remove(world), Test(world));

    private static Verb List(CliWorld world)
    {
        var state = new Option<string?>("--state") { Description = $"open (without it), all, or one of {string.Join(", ", AlertNames.States)}.", HelpName = "STATE" };
        var type = new Option<string?>("--type") { Description = $"Only of this type: {string.Join(", ", AlertNames.Types)}.", HelpName = "TYPE" };
        var severity = new Option<string?>("--severity") { Description = $"Of this severity, or a worse one: {string.Join(", ", HistoryNames.Severities)}.", HelpName = "SEVERITY" };
        var since = new Option<string?>("--since") { Description = $"Only seen from then on: {Since.Expected}.", HelpName = "TIME" };
        var limit = new Option<string?>("--limit", "-n") { Description = "At most so many, the newest.", HelpName = "N" };
        var silences = new Option<bool>("--silences") { Description = "Show the silences instead." };
        var verb = new Verb("list", "List alerts, the newest first.", "helix alerts list", "helix alerts list --state all --since 1d", "helix alerts list --type security --format json", "helix alerts list --silences") { state, type, severity, since, limit, silences };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) =>
        {
            if (parse.GetValue(silences)) return SilencesAsync(parse, world, cancellationToken);
            string[] query = [Part("state", state), Part("type", type), Part("severity", severity), Part("since", since), Part("limit", limit)];
            return ListAsync(parse, $"/helix/v1/alerts?{string.Join('&', query.Where(part => part.Length > 0))}", world, cancellationToken);

            string Part(string name, Option<string?> option) => parse.GetValue(option) is { } value ? $"{name}={Uri.EscapeDataString(value)}" : "";
        });
        return verb;
    }

    private static async Task<int> ListAsync(ParseResult parse, string path, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync(path, AlertApiJson.Default.AlertList, cancellationToken);
        if (answer is not Answer<AlertList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, AlertApiJson.Default.AlertList);
        if (list.Alerts.Count == 0)
        {
            world.Terminal.Say("there are no such alerts");
            return ExitCodes.Ok;
        }

        return world.Terminal.WriteTable(
            ["ID", "STATE", "SEVERITY", "TYPE", "SINCE (UTC)", "SEEN", "ABOUT", "WHAT"],
            list.Alerts.Select(alert => new[] { Number(alert.Id), alert.State.Word(), alert.Severity.Word(), alert.Type.Word(), Moment(alert.Since), Number(alert.Count), alert.Subject ?? alert.Provider ?? "helix", alert.What }));
    }

    private static async Task<int> SilencesAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/alerts/silences", AlertApiJson.Default.SilenceList, cancellationToken);
        if (answer is not Answer<SilenceList>.Is(var list)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(list, AlertApiJson.Default.SilenceList);
        if (list.Silences.Count == 0)
        {
            world.Terminal.Say("nothing is silenced");
            return ExitCodes.Ok;
        }

        return world.Terminal.WriteTable(
            ["ID", "UNTIL (UTC)", "BY", "WHICH", "COMMENT"],
            list.Silences.Select(silence => new[] { Number(silence.Id), Moment(silence.Until), silence.By, silence.Words, silence.Comment ?? "" }));
    }

    private static Verb Show(CliWorld world)
    {
        var id = NumberArgument("ID", $"The alert. {Listed}");
        var verb = new Verb("show", "Show all of one alert.", "helix alerts show 12") { id };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => ShowAsync(parse, parse.GetRequiredValue(id), world, cancellationToken));
        return verb;
    }

    private static async Task<int> ShowAsync(ParseResult parse, long id, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync($"/helix/v1/alerts/{Number(id)}", AlertApiJson.Default.AlertReport, cancellationToken);
        if (answer is not Answer<AlertReport>.Is(var alert)) return answer.Fail(world.Terminal);
        if (parse.IsJson()) return world.Terminal.WriteJson(alert, AlertApiJson.Default.AlertReport);
        foreach (var (name, text) in Lines(alert))
            if (text is { Length: > 0 }) world.Terminal.Tell($"{name,-15}{text.ReplaceLineEndings(" ")}");
        return ExitCodes.Ok;
    }

    private static IEnumerable<(string Name, string? Text)> Lines(AlertReport alert)
    {
        yield return ("alert", $"{Number(alert.Id)}, {alert.State.Word()}, {alert.Severity.Word()}, {alert.Type.Word()} ({alert.Cause})");
        yield return ("what", alert.What);
        yield return ("since", $"{Moment(alert.Since)} UTC, seen {Number(alert.Count)} {(alert.Count == 1 ? "time" : "times")}{(alert.Flapping ? ", and it comes and goes" : "")}");
        yield return ("helix did", alert.Done ?? "nothing by itself");
        yield return ("left to do", alert.Resolved is null ? alert.Left ?? "nothing" : null);
        yield return ("acknowledged", alert.Acknowledged is { } acked ? $"{Moment(acked)} UTC by {alert.By}{(alert.Note is { } note ? $": {note}" : "")}" : null);
        yield return ("escalated", alert.Escalated is { } worse ? $"{Moment(worse)} UTC: nobody acknowledged it" : null);
        yield return ("resolved", alert.Resolved is { } over ? $"{Moment(over)} UTC: {alert.End}" : null);
        yield return ("told", alert.Told.Count > 0 ? string.Join(", ", alert.Told) : "nobody yet");
        yield return ("link", alert.Link);
    }

    private static Verb Acknowledge(CliWorld world)
    {
        var ids = new Argument<string[]>("ID") { Description = $"The alerts. {Listed}", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All that fire." };
        var note = new Option<string?>("--note") { Description = "What others should know.", HelpName = "TEXT" };
        var verb = new Verb("ack", "Say that you know of alerts: nobody is reminded of them any more, and their end is told.", "helix alerts ack 12", "helix alerts ack 12 13 --note \"a new disk comes tomorrow\"", "helix alerts ack --all") { ids, all, note };
        verb.SetAction((parse, cancellationToken) =>
        {
            var typed = parse.GetValue(ids) ?? [];
            if (typed.FirstOrDefault(each => Parsed(each) is null) is { } odd) return Task.FromResult(NoNumber(odd, world));
            if (parse.GetValue(all) == (typed.Length > 0)) return Task.FromResult(world.Terminal.Fail(ExitCodes.Usage, typed.Length > 0 ? "--all means all; name none besides" : "no alert is named", "helix alerts ack ID, or helix alerts ack --all"));
            var request = new AckRequest(typed.Length > 0 ? [.. typed.Select(each => Parsed(each)!.Value)] : null, parse.GetValue(all), Environment.UserName, parse.GetValue(note));
            return WishAsync(daemon => daemon.PostAsync("/helix/v1/alerts/ack", JsonSerializer.SerializeToUtf8Bytes(request, AlertApiJson.Default.AckRequest), ApiJson.Default.Done, cancellationToken), world);
        });
        return verb;
    }

    private static Verb Resolve(CliWorld world)
    {
        var ids = new Argument<string[]>("ID") { Description = $"The alerts. {Listed}", Arity = ArgumentArity.OneOrMore };
        var note = new Option<string?>("--note") { Description = "What others should know.", HelpName = "TEXT" };
        var verb = new Verb("resolve", "Say that alerts are over. What is told of them anew is another alert.", "helix alerts resolve 12", "helix alerts resolve 12 13 --note \"the disk was changed\"") { ids, note };
        verb.SetAction((parse, cancellationToken) =>
        {
            var typed = parse.GetValue(ids) ?? [];
            if (typed.FirstOrDefault(each => Parsed(each) is null) is { } odd) return Task.FromResult(NoNumber(odd, world));
            var request = new ResolveRequest([.. typed.Select(each => Parsed(each)!.Value)], Environment.UserName, parse.GetValue(note));
            return WishAsync(daemon => daemon.PostAsync("/helix/v1/alerts/resolve", JsonSerializer.SerializeToUtf8Bytes(request, AlertApiJson.Default.ResolveRequest), ApiJson.Default.Done, cancellationToken), world);
        });
        return verb;
    }

    private static Verb Silence(CliWorld world)
    {
        var id = new Argument<string?>("ID") { Description = $"The alert, and whatever is the same. {Listed}", Arity = ArgumentArity.ZeroOrOne };
        var span = new Option<string>("--for") { Description = $"For how long: {RuleSpan.Allowed}.", HelpName = "SPAN", DefaultValueFactory = _ => "1h" };
        var type = new Option<string?>("--type") { Description = $"In the place of an alert, all of this type: {string.Join(", ", AlertNames.Types)}.", HelpName = "TYPE" };
        var cause = new Option<string?>("--cause") { Description = "All of this cause.", HelpName = "CAUSE" };
        var provider = new Option<string?>("--provider") { Description = "All of this provider.", HelpName = "PROVIDER" };
        var subject = new Option<string?>("--subject") { Description = "All about this; a * at its end stands for anything.", HelpName = "TEXT" };
        var comment = new Option<string?>("--comment") { Description = "Why.", HelpName = "TEXT" };
        type.AcceptOnlyFromAmong([.. AlertNames.Types]);
        var verb = new Verb(
            "silence", "Have nobody told of some alerts for a while; they are listed all the same.",
            "helix alerts silence 12 --for 2h", "helix alerts silence --provider vllm --for 1d --comment \"the machine is moved\"", "helix alerts silence --type performance") { id, span, type, cause, provider, subject, comment };
        verb.SetAction((parse, cancellationToken) =>
        {
            if (parse.GetValue(id) is { } odd && Parsed(odd) is null) return Task.FromResult(NoNumber(odd, world));
            var request = new SilenceRequest(
                parse.GetValue(span)!, parse.GetValue(id) is { } number ? Parsed(number) : null, parse.GetValue(type) is { } word ? AlertNames.Type(word) : null, parse.GetValue(cause), parse.GetValue(provider), parse.GetValue(subject), Environment.UserName, parse.GetValue(comment));
            return WishAsync(daemon => daemon.PostAsync("/helix/v1/alerts/silences", JsonSerializer.SerializeToUtf8Bytes(request, AlertApiJson.Default.SilenceRequest), ApiJson.Default.Done, cancellationToken), world);
        });
        return verb;
    }

    private static Verb EndSilence(CliWorld world)
    {
        var id = NumberArgument("ID", "The silence, as \"helix alerts list --silences\" shows it.");
        var verb = new Verb("unsilence", "End a silence.", "helix alerts unsilence 3") { id };
        verb.SetAction((parse, cancellationToken) => WishAsync(daemon => daemon.DeleteAsync($"/helix/v1/alerts/silences/{Number(parse.GetRequiredValue(id))}", ApiJson.Default.Done, cancellationToken), world));
        return verb;
    }

    private static Verb Channels(CliWorld world)
    {
        var verb = new Verb("channels", "Show the channels on which alerts are told, and how it goes with them.", "helix alerts channels", "helix alerts channels --format json");
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => ChannelsAsync(parse, world, cancellationToken));
        return verb;
    }

    private static async Task<int> ChannelsAsync(ParseResult parse, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.GetAsync("/helix/v1/alerts/channels", AlertApiJson.Default.ChannelList, cancellationToken);
        if (answer is not Answer<ChannelList>.Is(var list)) return answer.Fail(world.Terminal);
        return parse.IsJson()
            ? world.Terminal.WriteJson(list, AlertApiJson.Default.ChannelList)
            : world.Terminal.WriteTable(
                ["CHANNEL", "ON", "FROM", "HOURLY", "WAITING", "FAILED", "LAST SENT (UTC)", "WHERE", "TROUBLE"],
                list.Channels.Select(each => new[]
                {
                    each.Id, each.On ? "yes" : "no", each.Severity?.Word() ?? "-", each.Hourly is { } hourly ? Number(hourly) : "-", Number(each.Waiting), Number(each.Failed),
                    each.LastSent is { } sent ? Moment(sent) : "-", each.Where ?? "-", each.Trouble ?? "",
                }));
    }

    private static Verb Test(CliWorld world)
    {
        var channel = Verb.Argument("CHANNEL", "Which; \"helix alerts channels\" lists them.");
        var verb = new Verb("test", "Send a test message through a channel's queue, and wait for what comes of it.", "helix alerts test web", "helix alerts test command_line") { channel };
        verb.SetAction((parse, cancellationToken) => TestAsync(parse.GetRequiredValue(channel), world, cancellationToken));
        return verb;
    }

    private static async Task<int> TestAsync(string channel, CliWorld world, CancellationToken cancellationToken)
    {
        using var daemon = world.Daemon();
        var answer = await daemon.PostPatientlyAsync($"/helix/v1/alerts/test/{Uri.EscapeDataString(channel)}", null, AlertApiJson.Default.ChannelTest, cancellationToken);
        if (answer is not Answer<ChannelTest>.Is(var test)) return answer.Fail(world.Terminal);
        switch (test.State)
        {
            case "sent": world.Terminal.Say(test.Message); return ExitCodes.Ok;
            case "waiting": return world.Terminal.Fail(ExitCodes.TimedOut, test.Message, "see: helix alerts channels");
            default: return world.Terminal.Fail(ExitCodes.Refused, test.Message, "see: helix alerts channels");
        }
    }

    private static async Task<int> WishAsync(Func<DaemonClient, Task<Answer<Done>>> wish, CliWorld world)
    {
        using var daemon = world.Daemon();
        var answer = await wish(daemon);
        if (answer is not Answer<Done>.Is(var done)) return answer.Fail(world.Terminal);
        world.Terminal.Say(done.Message);
        return ExitCodes.Ok;
    }

    private static Argument<long> NumberArgument(string name, string description) => new(name) { Description = description };

    private static long? Parsed(string typed) => long.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int NoNumber(string typed, CliWorld world) => world.Terminal.Fail(ExitCodes.Usage, $"\"{typed}\" is no number of an alert", "the numbers are in: helix alerts list");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
