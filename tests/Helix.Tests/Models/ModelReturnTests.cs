using Helix.Core.Tests.Models;
using Helix.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Models;

public class ModelReturnTests
{
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

    private static ModelReturn Return(ModelHouse house) => new(house.Library, house.Pulls, house.Config, () => house.Offline, house.Time, NullLogger<ModelReturn>.Instance);

    /// <summary>What a restore on another machine leaves: the name alone.</summary>
    private static async Task<LibraryModel> AbsentAsync(ModelHouse house)
    {
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Pulls.PullAsync("tiny", "mine", _ => { }, Token)).Model;
        File.Delete(added.Path);
        await house.Library.LookAsync(Token);
        return added;
    }
}
