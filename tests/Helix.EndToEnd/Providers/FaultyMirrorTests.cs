namespace Helix.EndToEnd.Providers;

/// <summary>Where a source, or the disk, fails, one provider waits and says why; the others do not notice, and it comes when the fault has gone.</summary>
public sealed class FaultyMirrorTests(FaultyMirrorTests.Shop shop) : IClassFixture<FaultyMirrorTests.Shop>
{
    private static readonly string s_kobold = $"/github.com/LostRuins/koboldcpp/releases/download/v{ProviderHome.ReleaseOf("koboldai")}/*";
    private static readonly string s_textgen = $"/github.com/oobabooga/textgen/releases/download/v{ProviderHome.ReleaseOf("textgen")}/*";
    private static readonly string s_localai = $"/github.com/mudler/LocalAI/releases/download/v{ProviderHome.ReleaseOf("localai")}/local-ai*";

    [Fact]
    public async Task Three_that_fail_say_why_the_other_ten_are_not_disturbed_and_the_three_follow_when_the_faults_are_gone()
    {
        NoNetwork.AssertWhereItIsCutOff();
        // the sound ones are there, and answer, while the others fail
        var accounts = await shop.AccountsAsync();
        Assert.Equal(9, accounts.Count(account => account.Value.StartsWith("answered", StringComparison.Ordinal)));
        Assert.Contains("it needs an NVIDIA GPU", accounts["tabbyapi"], StringComparison.Ordinal);

        await SaysAsync("localai", "not installed yet", "digest");
        await SaysAsync("koboldai", "has not answered within");
        await SaysAsync("textgen", "not installed yet", Path.Combine("providers", "textgen"));
        Assert.Contains("has not answered within", (await shop.LocalLlmAsync("list")).Succeeded().Out.ReplaceLineEndings(" "), StringComparison.Ordinal);

        shop.Mirror.Faults.Clear();
        shop.Unblock();
        (await shop.Home.HelixAsync("stop")).Succeeded();
        (await shop.Home.HelixAsync("start")).Succeeded();
        foreach (var id in (string[])["localai", "koboldai", "textgen"])
        {
            await shop.ReleaseIsAsync(id, ProviderHome.ReleaseOf(id));
            await shop.AnswersAsync(id, ProviderHome.Gguf, ProviderHome.ReleaseOf(id));
        }
    }

    private async Task SaysAsync(string id, params string[] why)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () => (seen = (string)(await shop.ProviderAsync(id))["reason"]!) is var reason && why.All(words => reason.Contains(words, StringComparison.Ordinal)),
            $"{id} says something of {string.Join(" and ", why)}", () => seen + "\n" + shop.InstallLog(id));
    }

    public sealed class Shop : LifeTests.Shop
    {
        private string Blocked => Path.Combine(Home.LocalLlm, "providers", "textgen");

        protected override IReadOnlyList<string> Failing => ["localai", "koboldai", "textgen"];

        /// <summary>The folder of a provider becomes one that can be written to.</summary>
        public void Unblock() => File.Delete(Blocked);

        protected override async Task PublishAsync()
        {
            await base.PublishAsync();
            Mirror.Faults.Corrupt(s_localai);
            Mirror.Faults.Stall(s_kobold);
            // a file where its folder should be: no user, not even root, can write there
            Directory.CreateDirectory(Path.GetDirectoryName(Blocked)!);
            await File.WriteAllTextAsync(Blocked, "");
        }
    }
}
