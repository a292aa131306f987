using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Helix.Core.Configuration;
using Helix.Core.Security;
using Helix.Install;
using Helix.Processes;
using Helix.Security;
using Helix.Tests.Fakes;
using Helix.Tests.Install;

namespace Helix.Tests.Security;

public sealed class AdvisoryShelfTests : IAsyncLifetime
{
    private const int Newer = 2_100_000_001;

    private readonly TemporaryHome _temporary = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private FileServer _server = null!;
    private Web _web = null!;
    private bool _isOffline;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _web = new Web(new DownloadOptions(() => _isOffline, () => []), TimeProvider.System);
        await File.WriteAllTextAsync(Pem, _key.ExportSubjectPublicKeyInfoPem(), Token);
    }

    public async ValueTask DisposeAsync()
    {
        _web.Dispose();
        _key.Dispose();
        await _server.DisposeAsync();
        _temporary.Dispose();
    }

    private string Pem => Path.Combine(_temporary.Home.Root, "key.pub");

    private string Kept => Path.Combine(_temporary.Home.State, "advisories.yaml");

    [Fact]
    public void The_list_that_helix_comes_with_is_right_and_says_what_is_known_of_what_it_installs()
    {
        var (list, wrong) = new AdvisoryShelf(_temporary.Home, null, () => new SecurityConfig()).Current();

        Assert.Null(wrong);
        Assert.NotEmpty(list.Advisories);
        Assert.Contains(list.Of([new("vllm", "0.9.2")]), finding => finding.What.Contains("CVE-", StringComparison.Ordinal));
        Assert.Empty(list.Of([new("vllm", "999.0.0")]));
    }

    [Fact]
    public async Task A_newer_list_with_the_right_signature_is_taken_kept_and_used_without_a_network()
    {
        Serve(Signed(Text(Newer), _key));

        var (words, refused) = await Shelf().RefreshAsync(Token);

        Assert.Null(refused);
        Assert.Contains("number 2100000001", words, StringComparison.Ordinal);
        _isOffline = true;
        Assert.Equal((null, null), await Shelf().RefreshAsync(Token));
        Assert.Equal(Newer, Shelf().Current().List.Number);
        Assert.Equal("it forgets", Assert.Single(Shelf().Current().List.Advisories).What);
        // the same once more is nothing new
        _isOffline = false;
        Assert.Equal((null, null), await Shelf().RefreshAsync(Token));
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "unsigned", "has no signature" }, { "another key", "none of the key" }, { "changed", "none of the key" }, { "older", "older than the one that is used" }, { "no list", "cannot be read" }, { "empty", "has no signature" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_is_not_signed_or_older_is_refused_with_a_finding_and_changes_nothing(string what, string words)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Serve(what switch
        {
            "unsigned" => Encoding.UTF8.GetBytes(Text(Newer)),
            "another key" => Signed(Text(Newer), other),
            "changed" => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Signed(Text(Newer), _key)).Replace("it forgets", "all is well", StringComparison.Ordinal)),
            "older" => Signed(Text(1), _key),
            "no list" => Signed("number: 1\n", _key),
            _ => [],
        });

        var (_, refused) = await Shelf().RefreshAsync(Token);

        Assert.Equal(FindingNames.AdvisoriesRefused, refused!.Name);
        Assert.Contains(words, refused.What, StringComparison.Ordinal);
        Assert.False(File.Exists(Kept));
    }

    [Fact]
    public async Task A_kept_list_that_somebody_changed_is_not_used()
    {
        Serve(Signed(Text(Newer), _key));
        await Shelf().RefreshAsync(Token);
        await File.WriteAllTextAsync(Kept, (await File.ReadAllTextAsync(Kept, Token)).Replace("vllm", "vllmx", StringComparison.Ordinal), Token);

        var (list, wrong) = Shelf().Current();

        Assert.Equal(FindingNames.AdvisoriesRefused, wrong!.Name);
        Assert.NotEqual(Newer, list.Number);
    }

    [Fact]
    public async Task An_address_where_nothing_is_is_said_and_is_no_finding()
    {
        var (words, refused) = await Shelf().RefreshAsync(Token);

        Assert.Null(refused);
        Assert.Contains("could not be fetched", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_script_signs_is_what_helix_takes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/openssl"), "openssl is not here, and the script needs it");
        var (script, secret, list) = (Path.Combine(RepositoryRoot.Path, "security", "sign"), Path.Combine(_temporary.Home.Root, "secret"), Path.Combine(_temporary.Home.Root, "list.yaml"));
        await File.WriteAllTextAsync(list, Text(Newer), Token);

        await RunAsync(script, "new-key", secret);
        var signed = await RunAsync(script, list, secret);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        Assert.Equal(Text(Newer), Encoding.UTF8.GetString(AdvisorySeal.Open(signed, await File.ReadAllTextAsync(secret + ".pub", Token))!));
        Assert.Null(AdvisorySeal.Open(signed, await File.ReadAllTextAsync(Pem, Token)));
    }

    private async Task<byte[]> RunAsync(params string[] words)
    {
        var log = Path.Combine(_temporary.Home.Root, "said");
        File.Delete(log);
        var exit = await OwnChild.RunAsync(new LaunchSpec("sign", "/bin/sh", words, KeeperEnvironment.Ours(), _temporary.Home.Root, log), Eventually.Limit, TimeProvider.System, Token);
        Assert.True(exit?.Code == 0, await File.ReadAllTextAsync(log, Token));
        return await File.ReadAllBytesAsync(log, Token);
    }

    private AdvisoryShelf Shelf() => new(_temporary.Home, new Downloads(_web, TimeProvider.System), () => new SecurityConfig(Advisories: $"{_server.Url}/list.yaml", AdvisoriesKey: Pem));

    private void Serve(byte[] file) => _server.Files["/list.yaml"] = file;

    private static byte[] Signed(string text, ECDsa key)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. bytes, .. Encoding.ASCII.GetBytes($"# signature: {Convert.ToBase64String(key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))}\n")];
    }

    private static string Text(int number) => string.Create(CultureInfo.InvariantCulture, $$"""
        number: {{number}}
        date: 2026-12-24
        advisories:
          - {id: CVE-X, provider: vllm, affected: {before: "1.0"}, fixed: "1.0", severity: error, what: it forgets, source: "https://example.org/x"}

        """);
}
