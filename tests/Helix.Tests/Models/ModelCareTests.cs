using Helix.Core.Tests.Models;
using Helix.Models;

namespace Helix.Tests.Models;

public class ModelCareTests
{
    [Fact]
    public async Task A_model_that_is_whole_is_left_alone()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await PullAsync(house);

        Assert.Null(await new ModelCare(house.Library, house.Pulls).VerifyAsync(added.Id, TestContext.Current.CancellationToken));
        Assert.NotNull(house.Library.Current.Find(added.Id));
    }

    [Fact]
    public async Task A_damaged_one_is_put_aside_and_fetched_again_under_its_name()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await PullAsync(house);
        Damage(added.Path);

        var found = await new ModelCare(house.Library, house.Pulls).VerifyAsync(added.Id, TestContext.Current.CancellationToken);

        Assert.Contains("was brought again from", found!.Words, StringComparison.Ordinal);
        Assert.True(found.IsBack);
        Assert.Equal(added.Sha256, await FileDigest.OfAsync(house.Library.Current.Find(added.Id)!.Path, TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.GetFiles(house.Folder.Damaged, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Where_it_cannot_be_fetched_again_that_is_said_and_it_is_served_no_more()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await PullAsync(house);
        Damage(added.Path);
        house.Offline = true;

        var found = await new ModelCare(house.Library, house.Pulls).VerifyAsync(added.Id, TestContext.Current.CancellationToken);

        Assert.Contains("could not be brought again", found!.Words, StringComparison.Ordinal);
        Assert.False(found.IsBack);
        Assert.Null(house.Library.Current.Find(added.Id));
        // it is tried again
        Assert.Equal([added.Id], house.Library.Current.Absent);
    }

    [Fact]
    public async Task One_that_the_library_does_not_know_any_more_for_its_damage_is_brought_again_too()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        var added = await PullAsync(house);
        Damage(added.Path, 0);
        File.SetLastWriteTimeUtc(added.Path, File.GetLastWriteTimeUtc(added.Path).AddSeconds(1));
        await house.Library.LookAsync(TestContext.Current.CancellationToken);
        Assert.Null(house.Library.Current.Find(added.Id));

        Assert.True((await new ModelCare(house.Library, house.Pulls).VerifyAsync(added.Id, TestContext.Current.CancellationToken))!.IsBack);

        Assert.Equal(added.Sha256, house.Library.Current.Find(added.Id)!.Sha256);
    }

    [Fact]
    public async Task What_is_there_now_and_is_another_does_not_get_the_name_of_the_damaged_one()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        using var folder = new Fakes.TemporaryHome();
        var file = Path.Combine(Directory.CreateDirectory(folder.Home.Root).FullName, "mine.gguf");
        await File.WriteAllBytesAsync(file, TinyGguf.Chat().ToArray(), TestContext.Current.CancellationToken);
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Library.AddAsync(file, null, move: false, TestContext.Current.CancellationToken)).Model;
        Damage(added.Path);
        Damage(file);

        var found = await new ModelCare(house.Library, house.Pulls).VerifyAsync("mine", TestContext.Current.CancellationToken);

        Assert.False(found!.IsBack);
        Assert.Contains("not the same", found.Words, StringComparison.Ordinal);
        Assert.Null(house.Library.Current.Find("mine"));
    }

    [Fact]
    public async Task A_damaged_one_that_was_added_from_a_file_is_added_from_it_again()
    {
        await using var house = await ModelHouse.BuildAsync(TinyGguf.Chat().ToArray());
        using var folder = new Fakes.TemporaryHome();
        var file = Path.Combine(Directory.CreateDirectory(folder.Home.Root).FullName, "mine.gguf");
        await File.WriteAllBytesAsync(file, TinyGguf.Chat().ToArray(), TestContext.Current.CancellationToken);
        var added = Assert.IsType<LibraryOutcome.Added>(await house.Library.AddAsync(file, null, move: false, TestContext.Current.CancellationToken)).Model;
        Damage(added.Path);

        Assert.NotNull(await new ModelCare(house.Library, house.Pulls).VerifyAsync("mine", TestContext.Current.CancellationToken));

        Assert.Equal(added.Sha256, house.Library.Current.Find("mine")!.Sha256);
    }

    private static async Task<LibraryModel> PullAsync(ModelHouse house) =>
        Assert.IsType<LibraryOutcome.Added>(await house.Pulls.PullAsync("hf:owner/repository/tiny.gguf", null, _ => { }, TestContext.Current.CancellationToken)).Model;

    /// <summary>As a bad disk does: the size is the same.</summary>
    private static void Damage(string path, int? at = null)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at ?? (bytes.Length - 1)] ^= 1;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, bytes);
    }
}
