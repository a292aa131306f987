using Helix.Cli;
using Helix.Contracts;
using Helix.Tests.Cli.Fakes;

namespace Helix.Tests.Cli;

public sealed class DaemonClientTests
{
    [Fact]
    public async Task A_daemon_that_comes_back_within_a_second_is_waited_for()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        var looks = 0;
        using var client = new DaemonClient(() => ++looks < 4 ? "/nowhere/s" : daemon.Socket, TimeProvider.System);

        var answer = await client.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, TestContext.Current.CancellationToken);

        Assert.Equal(4242, Assert.IsType<Answer<StatusReport>.Is>(answer).Value.Pid);
    }

    [Fact]
    public async Task A_daemon_that_does_not_come_back_is_not_running()
    {
        using var client = new DaemonClient(() => "/nowhere/s", TimeProvider.System);

        Assert.IsType<Answer<StatusReport>.NotRunning>(await client.GetAsync("/helix/v1/status", ApiJson.Default.StatusReport, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_connection_that_is_lost_before_the_answer_is_tried_again_for_a_question_and_not_for_a_wish()
    {
        await using var daemon = await FakeDaemon.StartAsync();
        using var client = new DaemonClient(() => daemon.Socket, TimeProvider.System);
        var asked = 0;
        daemon.On("GET /helix/v1/providers", ctx =>
        {
            if (Interlocked.Increment(ref asked) > 1) return FakeDaemon.JsonAsync(ctx, new ProviderList([]), ApiJson.Default.ProviderList);
            ctx.Abort();
            return Task.CompletedTask;
        });
        daemon.On("POST /helix/v1/config/reload", ctx =>
        {
            Interlocked.Increment(ref asked);
            ctx.Abort();
            return Task.CompletedTask;
        });

        Assert.IsType<Answer<ProviderList>.Is>(await client.GetAsync("/helix/v1/providers", ApiJson.Default.ProviderList, TestContext.Current.CancellationToken));
        var wish = await client.PostAsync("/helix/v1/config/reload", null, ApiJson.Default.ReloadReport, TestContext.Current.CancellationToken);

        Assert.Equal("lost", Assert.IsType<Answer<ReloadReport>.Refused>(wish).Error.Code);
        Assert.Equal(3, asked);
    }

    [Theory]
    [InlineData("not_found", ExitCodes.NotFound)]
    [InlineData("no_space", ExitCodes.NoSpace)]
    [InlineData("offline", ExitCodes.Offline)]
    [InlineData("conflict", ExitCodes.Refused)]
    [InlineData("invalid", ExitCodes.Refused)]
    [InlineData("internal", ExitCodes.Bug)]
    public void Each_refusal_has_its_exit_code(string code, int expected) => Assert.Equal(expected, ExitCodes.Of(code));
}
