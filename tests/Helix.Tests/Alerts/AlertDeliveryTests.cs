using CsCheck;
using Helix.Alerts;
using Helix.Core.Alerts;
using Helix.Core.History;
using Helix.Storage;

namespace Helix.Tests.Alerts;

/// <summary>The queue: what is in it comes out, once, whatever dies in between.</summary>
public sealed class AlertDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_random_crashes_every_message_arrives_and_whoever_knows_keys_has_each_once() =>
        await Gen.Int[0, 1_000_000].Array[40].SampleAsync(
            async draws =>
            {
                var channel = new FakeChannel("web");
                await using var house = new AlertHouse(null, channel);
                var (arrived, crashes, raised) = (new List<string>(), 0, 0);
                foreach (var draw in draws)
                {
                    switch (draw % 5)
                    {
                        case 0:
                            house.Happens("owner", $"f{raised++}");
                            await house.Watch.TurnAsync();
                            break;
                        case 1:
                            house.Crash();
                            break;
                        case 2:
                            // it arrives, and the daemon dies before it wrote that down
                            using (var death = new CancellationTokenSource())
                            {
                                channel.Answers = message =>
                                {
                                    arrived.Add(message.Key);
                                    crashes++;
                                    death.Cancel();
                                    throw new OperationCanceledException(death.Token);
                                };
                                try
                                {
                                    await house.Delivery.SendNextAsync(channel, death.Token);
                                }
                                catch (OperationCanceledException)
                                {
                                    house.Crash();
                                }
                            }

                            break;
                        case 3:
                            channel.Answers = _ => draw % 2 == 0 ? new Delivery.Later("not now") : throw new IOException("it broke");
                            await house.SendAsync();
                            break;
                        default:
                            channel.Answers = Arrive;
                            await house.PassAsync(TimeSpan.FromSeconds(draw % 60), TimeSpan.FromSeconds(5));
                            break;
                    }
                }

                channel.Answers = Arrive;
                await house.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5));

                var all = Assert.IsType<Stored<List<QueuedMessage>>.Ok>(await house.Messages.ListAsync(null, 1000)).Value;
                Assert.All(all, queued => Assert.Equal(MessageState.Sent, queued.State));
                Assert.Equal(all.Select(queued => queued.Message.Key).Order(StringComparer.Ordinal), arrived.Distinct().Order(StringComparer.Ordinal));
                Assert.InRange(arrived.Count, all.Count, all.Count + crashes);
                Assert.Equal(raised, all.SelectMany(queued => queued.Message.Entries).Select(entry => entry.Subject).Distinct().Count(subject => subject!.StartsWith('f')));

                Delivery Arrive(AlertMessage message)
                {
                    arrived.Add(message.Key);
                    return new Delivery.Sent();
                }
            },
            iter: 15);

    [Fact]
    public async Task Messages_of_a_channel_come_in_order_and_another_channel_waits_for_none()
    {
        var (slow, quick) = (new FakeChannel("slow") { Answers = _ => new Delivery.Later("not now") }, new FakeChannel("quick"));
        await using var house = new AlertHouse(null, slow, quick);
        foreach (var cause in (string[])["owner", "critical", "model_damaged"])
        {
            house.Happens(cause, "x", Severity.Warning);
            await house.PassAsync(TimeSpan.FromSeconds(12));
        }

        Assert.Equal(3, quick.Got.Count);
        Assert.Empty(slow.Got);
        slow.Answers = _ => new Delivery.Sent();
        await house.PassAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(["owner", "engine_down", "model_damaged"], slow.Got.SelectMany(message => message.Entries).Select(entry => entry.Cause));
    }

    [Fact]
    public async Task A_channel_that_fails_is_tried_ever_more_rarely_and_not_sooner_than_it_asked_for()
    {
        var channel = new FakeChannel("web") { Answers = _ => new Delivery.Later("busy") };
        await using var house = new AlertHouse(null, channel);
        house.Happens("owner", "x", Severity.Warning);
        await house.PassAsync(TimeSpan.FromSeconds(74));
        Assert.InRange(channel.Tries, 4, 7);

        channel.Answers = _ => new Delivery.Later("busy", TimeSpan.FromMinutes(20));
        await house.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(5));
        var tries = channel.Tries;
        await house.PassAsync(TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(5));
        Assert.Equal(tries, channel.Tries);
        Assert.Equal("busy", house.Delivery.LaneOf("web").Trouble);
    }

    [Fact]
    public async Task A_message_that_is_refused_for_good_keeps_no_other_waiting_and_is_said()
    {
        var channel = new FakeChannel("web") { Answers = message => message.Entries[0].Cause == "owner" ? new Delivery.Refused("the address does not exist") : new Delivery.Sent() };
        await using var house = new AlertHouse(null, channel);
        house.Happens("owner", "x", Severity.Warning);
        await house.PassAsync(TimeSpan.FromSeconds(12));
        house.Happens("critical", "y", Severity.Warning);
        await house.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal("engine_down", Assert.Single(channel.Got).Entries[0].Cause);
        var events = Assert.IsType<Stored<List<HistoryEvent>>.Ok>(await house.History.ReadAsync(new(Kind: HistoryKind.Self))).Value;
        Assert.Contains("the address does not exist", Assert.Single(events, each => each.What == "message_refused").Words, StringComparison.Ordinal);
        Assert.Equal(1, Assert.IsType<Stored<List<ChannelTotals>>.Ok>(await house.Messages.TotalsAsync()).Value.Single().Failed);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_keeps_no_other_waiting()
    {
        var channel = new FakeChannel("web") { Answers = _ => new Delivery.Later("not now") };
        await using var house = new AlertHouse(null, channel);
        house.Happens("owner", "x", Severity.Warning);
        await house.PassAsync(TimeSpan.FromSeconds(12));
        house.Happens("critical", "y", Severity.Warning);
        await house.PassAsync(TimeSpan.FromSeconds(12));
        await house.Database.AskAsync(connection => connection.Run("UPDATE alert_messages SET body = '{' WHERE id = 1"));
        channel.Answers = _ => new Delivery.Sent();
        await house.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(5));

        Assert.Equal("engine_down", Assert.Single(channel.Got).Entries[0].Cause);
        Assert.Equal(1, Assert.IsType<Stored<List<ChannelTotals>>.Ok>(await house.Messages.TotalsAsync()).Value.Single().Failed);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_pause_longer_and_nobody_may_ask_for_an_endless_one()
    {
        var now = new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);
        var lane = ChannelLane.Well.Failed("busy", TimeSpan.FromDays(30), now, 0.5);

        Assert.Equal(DeliveryPolicy.Longest, lane.Wait(now));
        Assert.Equal(TimeSpan.FromMinutes(20), lane.Wait(now.AddMinutes(40)));
        Assert.Equal(TimeSpan.Zero, lane.Wait(now.AddDays(-3)));
        Assert.Equal(TimeSpan.Zero, ChannelLane.Well.Wait(now));
    }

    [Fact]
    public async Task A_channel_that_is_removed_while_it_refuses_is_nobodys_trouble()
    {
        var (mail, web) = (new FakeChannel("mail"), new FakeChannel("web"));
        mail.Answers = _ =>
        {
            mail.Policy = null;
            return new Delivery.Refused("the address does not exist");
        };
        await using var house = new AlertHouse(null, mail, web);
        house.Happens("owner", "x", Severity.Warning);
        await house.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(1, mail.Tries);
        Assert.DoesNotContain(await house.ListAsync(), alert => alert.Family == AlertCauses.ChannelDown);
    }

    [Fact]
    public void One_that_is_set_up_anew_and_refuses_that_too_is_news_and_its_end_is_told_all_the_same()
    {
        var now = new DateTimeOffset(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);
        var lane = ChannelLane.Well.Refused("no", now);

        Assert.Equal((true, true), (lane.IsRefused, lane.IsDown));
        Assert.True(lane.Refused("no", now).IsRefused);
        Assert.Equal((false, true, "no"), (lane.Renewed().IsRefused, lane.Renewed().IsDown, lane.Renewed().Trouble));
        var cutOff = lane.Failed("busy", null, now, 0.5);
        Assert.Equal((false, true), (cutOff.IsRefused, cutOff.IsDown));
    }

    [Fact]
    public async Task A_channel_that_is_not_set_up_is_told_nothing()
    {
        var channel = new FakeChannel("mail") { Policy = null };
        await using var house = new AlertHouse(null, channel);
        house.Happens("owner", "x");
        await house.PassAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, channel.Tries);
        Assert.Empty(Assert.IsType<Stored<List<QueuedMessage>>.Ok>(await house.Messages.ListAsync(null, 10)).Value);
    }

    [Fact]
    public async Task One_that_hangs_is_cut_off_and_tried_again()
    {
        await using var house = new AlertHouse(null, new FakeChannel("web"));
        house.Happens("owner", "x");
        await house.PassAsync(TimeSpan.FromSeconds(9));
        house.Time.Advance(TimeSpan.FromSeconds(2));
        await house.Watch.TurnAsync();

        var hanging = new HangingChannel();
        var sending = house.Delivery.SendNextAsync(hanging, Token);
        await Eventually.TrueAsync(() => sending.IsCompleted, () => house.Time.Advance(TimeSpan.FromSeconds(31)));

        Assert.Null(await sending);
        Assert.Contains("did not answer within 30 s", house.Delivery.LaneOf("web").Trouble, StringComparison.Ordinal);
    }

    private sealed class HangingChannel : IAlertChannel
    {
        public string Id => "web";

        public ChannelPolicy? Policy => new("web", Severity.Info, 10);

        public async Task<Delivery> SendAsync(AlertMessage message, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new Delivery.Sent();
        }
    }
}
