using Helix.Alerts;
using Helix.Core.Alerts;
using Helix.Core.History;

namespace Helix.Tests.Alerts;

/// <summary>A channel that answers as the test says, and remembers what it was given.</summary>
internal sealed class FakeChannel(string id) : IAlertChannel
{
    public string Id => id;

    public ChannelPolicy? Policy { get; set; } = new(id, Severity.Info, 1000);

    /// <summary>What it confirmed, in the order in which it came.</summary>
    public List<AlertMessage> Got { get; } = [];

    public Func<AlertMessage, Delivery> Answers { get; set; } = _ => new Delivery.Sent();

    public int Tries { get; private set; }

    public Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
    {
        Tries++;
        var delivery = Answers(message);
        if (delivery is Delivery.Sent) Got.Add(message);
        return Task.FromResult(delivery);
    }
}
