using System.Collections.Concurrent;
using Helix.Core.History;
using Helix.Core.Tests.Models;
using Helix.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Models;

public class ModelReturnTests
{
    private readonly ConcurrentQueue<HistoryEvent> _told = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_without_weights_gets_them_again_from_where_they_came()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await AbsentAsync(house);
        Assert.Equal([added.Id], house.Library.Current.Absent);
        using var back = Return(house);

        await back.StartAsync(Token);
        while (house.Library.Current.Find(added.Id) is null) await house.Library.ChangedAsync(house.Library.Version, Token);
        await back.StopAsync(Token);

        Assert.Equal((added.Sha256, added.Source), (house.Library.Current.Find(added.Id)!.Sha256, house.Library.Current.Find(added.Id)!.Source));
        Assert.Empty(house.Library.Current.Absent);
        Assert.Empty(house.Library.Current.Problems);
    }

    [Theory]
    [InlineData(0)] // its header: it cannot even be read
    [InlineData(100)] // it is shorter than it was
    public async Task One_that_was_damaged_while_nothing_used_it_is_brought_again(int where)
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Pulls.PullAsync("tiny", "mine", _ => { }, Token)).Model;
        var bytes = await File.ReadAllBytesAsync(added.Path, Token);
        if (where == 0) bytes[0] ^= 1;
        else bytes = bytes[..^where];
        File.SetUnixFileMode(added.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(added.Path, bytes, Token);
        File.SetLastWriteTimeUtc(added.Path, File.GetLastWriteTimeUtc(added.Path).AddSeconds(1));
        await house.Library.LookAsync(Token);
        Assert.Null(house.Library.Current.Find(added.Id));
        using var back = Return(house);
        Assert.Equal([added.Id], back.Awaited);

        await back.StartAsync(Token);
        while (house.Library.Current.Find(added.Id) is null) await house.Library.ChangedAsync(house.Library.Version, Token);
        await back.StopAsync(Token);

        Assert.Equal(added.Sha256, await FileDigest.OfAsync(house.Library.Current.Find(added.Id)!.Path, Token));
        Assert.Contains(_told, each => each is { What: "model_replaced", Kind: HistoryKind.Alert, Subject: "mine" });
        Assert.Empty(house.Library.Current.Problems);
    }

    [Fact]
    public async Task Nothing_is_fetched_while_helix_is_offline_and_nobody_waits_for_it()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await AbsentAsync(house);
        house.Offline = true;
        using var back = Return(house);

        await back.StartAsync(Token);
        Assert.False(back.IsAtWork);
        await back.StopAsync(Token);

        Assert.Equal([added.Id], house.Library.Current.Absent);
    }

    [Fact]
    public async Task Weights_that_are_others_than_were_written_down_do_not_get_the_name()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await AbsentAsync(house);
        house.HubStandIn.Files["owner/repository/tiny.gguf"] = [.. TinyGguf.Chat().ToArray(), 0];

        var outcome = await house.Pulls.PullAsync($"{added.Source}#sha256={added.Sha256}", added.Id, _ => { }, Token);

        Assert.IsType<LibraryOutcome.Refused>(outcome);
        Assert.Equal([added.Id], house.Library.Current.Absent);
    }

    [Fact]
    public async Task A_name_that_has_its_weights_is_taken()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Pulls.PullAsync("tiny", "mine", _ => { }, Token)).Model;

        Assert.Equal("conflict", Assert.IsType<LibraryOutcome.Refused>(await house.Pulls.PullAsync("tiny", added.Id, _ => { }, Token)).Code);
    }

    private ModelReturn Return(ModelHouse house) => new(house.Library, new ModelCare(house.Library, house.Pulls), house.Config, () => house.Offline, _told.Enqueue, house.Time, NullLogger<ModelReturn>.Instance);

    /// <summary>What a restore on another machine leaves: the name alone.</summary>
    private static async Task<LibraryModel> AbsentAsync(ModelHouse house)
    {
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Pulls.PullAsync("tiny", "mine", _ => { }, Token)).Model;
        File.Delete(added.Path);
        await house.Library.LookAsync(Token);
        return added;
    }
}
