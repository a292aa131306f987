using System.Security.Cryptography;
using System.Text;
using Helix.Core.Configuration;
using Helix.SelfUpdate;
using Helix.Tests.Install;

namespace Helix.Tests.SelfUpdate;

public sealed class ReleaseIntakeTests : IAsyncLifetime
{
    private const string Name = "helix-test.tar.gz";

    private readonly InstallStand _stand = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _makers;
    private FileServer _server = null!;
    private HelixConfig _config = HelixConfig.Default;

    public ReleaseIntakeTests() => _makers = Directory.CreateDirectory(Path.Combine(_stand.Root, "makers")).FullName;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        Trust(_key);
        Publish(Packed.TarGz(("helix-1/README", "x"), ("*helix-1/helix", "program"), ("helix-1/libs/a.so", "library")));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
        _stand.Dispose();
    }

    [Fact]
    public async Task A_signed_archive_is_unpacked_with_its_program()
    {
        var folder = await TakeAsync(Path.Combine(_makers, Name));

        Assert.Equal("program", File.ReadAllText(Path.Combine(folder, "helix")));
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, "helix")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("library", File.ReadAllText(Path.Combine(folder, "libs", "a.so")));
    }

    [Fact]
    public async Task It_may_come_from_the_web_with_its_list_and_signature()
    {
        _server.Folder = ("/r/", _makers);

        Assert.Equal("program", File.ReadAllText(Path.Combine(await TakeAsync($"{_server.Url}/r/{Name}"), "helix")));
        Assert.Equal("not_found", (await RefusedAsync($"{_server.Url}/elsewhere/{Name}")).Code);
    }

    [Fact]
    public async Task One_changed_byte_of_the_archive_the_list_or_the_signature_and_nothing_is_unpacked()
    {
        foreach (var name in (string[])[Name, "SHA256SUMS", "SHA256SUMS.sig"])
        {
            var path = Path.Combine(_makers, name);
            var whole = await File.ReadAllBytesAsync(path);
            var changed = whole.ToArray();
            changed[^2] ^= 1;
            await File.WriteAllBytesAsync(path, changed);

            Assert.Contains($"{Name} is not used", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);
            await File.WriteAllBytesAsync(path, whole);
        }

        await TakeAsync(Path.Combine(_makers, Name));
    }

    [Fact]
    public async Task The_signature_of_another_key_counts_for_nothing()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Trust(other);
        Assert.Contains("is no signature of SHA256SUMS by the key in updates.helix_key", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);

        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Trust(larger);
        Assert.Contains("not one of ECDSA P-256", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_or_a_signature_no_archive_is_used()
    {
        _config = HelixConfig.Default;
        Assert.Contains("no key is known", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);

        Trust(_key);
        File.Delete(Path.Combine(_makers, "SHA256SUMS.sig"));
        Assert.Contains("has no SHA256SUMS.sig beside it", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_the_list_does_not_name_is_not_used()
    {
        File.Move(Path.Combine(_makers, Name), Path.Combine(_makers, "other.tar.gz"));

        Assert.Contains("SHA256SUMS names no SHA-256 of other.tar.gz", (await RefusedAsync(Path.Combine(_makers, "other.tar.gz"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_archive_without_a_program_or_that_reaches_out_is_not_used()
    {
        Publish(Packed.TarGz(("README", "x")));
        Assert.Contains("no program helix is in it", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);

        Publish(Packed.TarGz(("*helix", "program"), ("../../outside", "x")));
        Assert.Contains("is not used", (await RefusedAsync(Path.Combine(_makers, Name))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_stand.Root, "outside")));
    }

    [Fact]
    public async Task A_build_of_the_users_own_is_copied_with_all_that_lies_in_it()
    {
        var build = Build();
        Directory.CreateSymbolicLink(Path.Combine(_stand.Root, "current"), build);

        var folder = await TakeAsync(Path.Combine(_stand.Root, "current"));

        Assert.Equal("built", File.ReadAllText(Path.Combine(folder, "helix")));
        Assert.True(File.GetUnixFileMode(Path.Combine(folder, "helix")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal("library", File.ReadAllText(Path.Combine(folder, "libs", "a.so")));
    }

    [Fact]
    public async Task A_folder_into_which_others_may_write_is_no_build_of_the_users_own()
    {
        var build = Build();
        foreach (var name in (string[])["helix", "libs/a.so", "libs", "."])
        {
            var path = Path.Combine(build, name);
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, mode | UnixFileMode.OtherWrite);
            var refused = await RefusedAsync(build);
            File.SetUnixFileMode(path, mode);

            Assert.Contains("others may write to it", refused.Message, StringComparison.Ordinal);
            Assert.Equal("not_trusted", refused.Code);
        }

        await TakeAsync(build);
    }

    [Fact]
    public async Task Nor_is_one_with_a_link_to_a_file_that_others_may_change()
    {
        var build = Build();
        var shared = Path.Combine(Directory.CreateDirectory(Path.Combine(_stand.Root, "shared")).FullName, "b.so");
        File.WriteAllText(shared, "library");
        File.CreateSymbolicLink(Path.Combine(build, "libs", "b.so"), shared);
        await TakeAsync(build);

        File.SetUnixFileMode(shared, (UnixFileMode)0b110_110_110);

        Assert.Contains("others may write to it", (await RefusedAsync(build)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        Assert.Equal("not_found", (await RefusedAsync(Path.Combine(_stand.Root, "nowhere"))).Code);
        Assert.Equal("not_found", (await RefusedAsync(_makers)).Code);
    }

    private string Build()
    {
        var build = Directory.CreateDirectory(Path.Combine(_stand.Root, "build")).FullName;
        Directory.CreateDirectory(Path.Combine(build, "libs"));
        File.WriteAllText(Path.Combine(build, "helix"), "built");
        File.SetUnixFileMode(Path.Combine(build, "helix"), (UnixFileMode)0b111_101_101);
        File.WriteAllText(Path.Combine(build, "libs", "a.so"), "library");
        return build;
    }

    private void Trust(ECDsa key)
    {
        var path = Path.Combine(_stand.Root, "key.pem");
        File.WriteAllText(path, key.ExportSubjectPublicKeyInfoPem());
        _config = HelixConfig.Default with { Updates = new(KeyOfHelix: path) };
    }

    private void Publish(byte[] archive)
    {
        var list = Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(archive))}  {Name}\n");
        File.WriteAllBytes(Path.Combine(_makers, Name), archive);
        File.WriteAllBytes(Path.Combine(_makers, "SHA256SUMS"), list);
        File.WriteAllBytes(Path.Combine(_makers, "SHA256SUMS.sig"), _key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private Task<string> TakeAsync(string from)
    {
        var staging = Directory.CreateDirectory(Path.Combine(_stand.Root, "intake", Guid.NewGuid().ToString("n"))).FullName;
        return new ReleaseIntake(_stand.Ground.Downloads, () => _config).TakeAsync(from, staging, TestContext.Current.CancellationToken);
    }

    private Task<SelfUpdateException> RefusedAsync(string from) => Assert.ThrowsAsync<SelfUpdateException>(() => TakeAsync(from));
}
