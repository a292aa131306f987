using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Helix.EndToEnd;

/// <summary>A thousand machines look for a hole in the published program at once: readers have one message each, and the list has all thousand.</summary>
public sealed class AlertStormTests
{
    private const int Happenings = 1000;
    private const string Cause = "odd_paths";

    /// <summary>So many odd paths from one place are told of.</summary>
    private const int Enough = 3;

    private const int Together = 8;

    /// <summary>What else may be the matter with this machine is not told here: it would come along in the same message.</summary>
    private const string Rules = """
        rules:
          - name: security
            on: false
          - name: disk-low
            on: false
          - name: disk-full
            on: false
          - name: memory-low
            on: false

        """;

    private static readonly TimeSpan s_storm = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_thousand_happenings_in_ten_seconds_are_one_message_on_each_channel_and_none_is_missing_from_the_list()
    {
        await using var readers = new AlertReaders();
        await using var home = new TempHome();
        home.Configure(AlertReaders.Settings);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(home.Config)!, "alerts.yaml"), Rules);
        (await home.HelixAsync("start")).Succeeded();
        await readers.SetUpAsync(home);
        await readers.ReturnAsync();

        var (address, begun) = (home.Gateway.Address, TimeProvider.System.GetTimestamp());
        // who was told of one place is not told of all together
        await LookForAHoleAsync(address, 1);
        await Parallel.ForEachAsync(Enumerable.Range(2, Happenings - 1), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (number, _) => await LookForAHoleAsync(address, number));
        var took = TimeProvider.System.GetElapsedTime(begun);
        Ring.Say($"{Happenings} happenings by {Happenings * Enough} requests within {took.TotalSeconds:0.0} s");
        Assert.True(took < s_storm, $"{took.TotalSeconds:0.0} s");

        var alerts = Array.Empty<JsonNode>();
        await Eventually.TrueAsync(
            async () => (alerts = await StormAsync(home)).Length == Happenings && alerts.All(alert => AlertReaders.Channels.All(channel => IsTold(alert, channel))),
            "each is in the list, and told on each channel", () => $"{alerts.Length} in the list, told: {string.Join(", ", AlertReaders.Channels.Select(channel => $"{alerts.Count(alert => IsTold(alert, channel))} on {channel}"))}");
        Assert.Equal(Happenings, alerts.Select(alert => (string?)alert["subject"]).Distinct().Count());
        var ids = alerts.Select(alert => (long)alert["id"]!).ToHashSet();
        foreach (var channel in AlertReaders.Channels)
        {
            var message = Assert.Single(await AlertReaders.MessagesAsync(home, channel), each => each["alerts"]!.AsArray().Any(id => ids.Contains((long)id!)));
            Assert.Equal(Happenings, (int)message["firing"]!);
        }

        await readers.HaveEachOnceAsync(home);
        Assert.Single(readers.Slack, text => text.Contains(Cause, StringComparison.Ordinal));
        Assert.Single(readers.Discord, text => text.Replace("\\", "", StringComparison.Ordinal).Contains(Cause, StringComparison.Ordinal)); // its underscores are no marks
        Assert.Equal(Happenings, (int)Assert.Single(readers.Webhook, body => body["alerts"]!.AsArray().Any(alert => (string?)alert!["cause"] == Cause))["firing"]!);
        var list = JsonNode.Parse((await home.HelixAsync("alerts", "list", "--type", "security", "--format", "json")).Succeeded().Out)!;
        Assert.Equal(ids, list["alerts"]!.AsArray().Where(alert => (string?)alert!["cause"] == Cause).Select(alert => (long)alert!["id"]!).ToHashSet());
    }

    private static async Task<JsonNode[]> StormAsync(TempHome home) => [.. (await AlertReaders.AlertsAsync(home, "state=open&type=security")).Where(alert => (string?)alert["cause"] == Cause)];

    private static bool IsTold(JsonNode alert, string channel) => alert["told"]!.AsArray().Any(told => (string?)told == channel);

    /// <summary>Some place of its own asks for what it must not have, by a path that no client writes.</summary>
    /// <param name="number">Of the place: all that begin with 127 are this machine.</param>
    private static async Task LookForAHoleAsync(Uri address, int number)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(number >> 8), (byte)number]), 0));
        await socket.ConnectAsync(address.Host, address.Port);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var asked = string.Concat(Enumerable.Range(1, Enough).Select(time => $"GET /v1/%2e%2e/helix/v1/keys HTTP/1.1\r\nHost: {address.Authority}\r\n{(time == Enough ? "Connection: close\r\n" : "")}\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(asked));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync();
        Assert.True(answer.Split("HTTP/1.1 4").Length == Enough + 1, answer);
    }
}
