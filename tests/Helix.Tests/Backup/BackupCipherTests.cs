using Helix.Backup;
using Helix.Storage;
using Helix.Tests.Fakes;

namespace Helix.Tests.Backup;

public sealed class BackupCipherTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(200_000)]
    public async Task What_is_encrypted_is_the_same_again_with_its_key_and_with_no_other(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        await File.WriteAllBytesAsync(In("plain"), bytes, Token);
        var key = new BackupKey.OfFile(new byte[32]);

        await BackupCipher.EncryptAsync(In("plain"), In("sealed"), key, Token);
        await BackupCipher.DecryptAsync(In("sealed"), In("again"), "it", key, Token);

        Assert.Equal(bytes, await File.ReadAllBytesAsync(In("again"), Token));
        Assert.True(BackupCipher.IsEncrypted(In("sealed")));
        await RefusedAsync(await File.ReadAllBytesAsync(In("sealed"), Token), new BackupKey.OfFile([1, .. new byte[31]]));
    }

    [Fact]
    public async Task Any_byte_that_is_another_or_missing_or_moved_is_refused()
    {
        await File.WriteAllBytesAsync(In("plain"), new byte[150_000], Token);
        var key = new BackupKey.OfFile(new byte[32]);
        await BackupCipher.EncryptAsync(In("plain"), In("sealed"), key, Token);
        var whole = await File.ReadAllBytesAsync(In("sealed"), Token);
        const int Head = 29, Piece = 65536 + 16;
        foreach (var at in Enumerable.Range(0, Head + 2).Append(Head + Piece).Append(whole.Length - 1))
        {
            var other = whole.ToArray();
            other[at] ^= 1;
            await RefusedAsync(other, key);
        }

        await RefusedAsync(whole[..^1], key);
        await RefusedAsync(whole[..(Head + Piece)], key);
        await RefusedAsync(whole[..(Head + 2 * Piece)], key);
        await RefusedAsync([.. whole, 0], key);
        await RefusedAsync([.. whole[..Head], .. whole[(Head + Piece)..(Head + 2 * Piece)], .. whole[Head..(Head + Piece)], .. whole[(Head + 2 * Piece)..]], key);
    }

    [Fact]
    public async Task A_passphrase_opens_what_it_closed_and_is_read_from_a_file()
    {
        await File.WriteAllTextAsync(In("plain"), "words", Token);
        await File.WriteAllTextAsync(In("passphrase"), "correct horse\n", Token);
        var key = BackupKey.Load(null, In("passphrase"))!;

        await BackupCipher.EncryptAsync(In("plain"), In("sealed"), key, Token);
        await BackupCipher.DecryptAsync(In("sealed"), In("again"), "it", new BackupKey.Passphrase("correct horse"), Token);

        Assert.Equal("words", await File.ReadAllTextAsync(In("again"), Token));
        await RefusedAsync(await File.ReadAllBytesAsync(In("sealed"), Token), new BackupKey.Passphrase("wrong horse"));
        await RefusedAsync(await File.ReadAllBytesAsync(In("sealed"), Token), new BackupKey.OfFile(new byte[32]));
    }

    [Fact]
    public async Task An_encrypted_backup_is_made_tried_and_restored_with_its_key_file_alone()
    {
        await using var house = new BackupHouse();
        await using var other = new BackupHouse();
        await house.FurnishAsync();
        await File.WriteAllBytesAsync(In("key"), Enumerable.Range(0, 32).Select(number => (byte)number).ToArray(), Token);
        house.Config = new(KeyFile: In("key"));

        var made = await house.Backups.BackupNowAsync("daily", Token);

        Assert.EndsWith(".tar.gz.enc", made.Path, StringComparison.Ordinal);
        Assert.True(house.Backups.Shelf.All[0].Name.IsEncrypted);
        await Assert.ThrowsAsync<BackupException>(() => other.Offline.Restore.RunAsync(made.Path, null, onlyLook: false, Token));
        await other.Offline.Restore.RunAsync(made.Path, BackupKey.Load(In("key"), null), onlyLook: false, Token);
        Assert.Equal(Wish.Stop, (await other.WishesAsync())["vllm"]);
    }

    [Fact]
    public void A_key_of_another_length_is_no_key()
    {
        File.WriteAllText(In("short"), "secret");

        Assert.Contains("has 6 bytes", Assert.Throws<BackupException>(() => BackupKey.Load(In("short"), null)).Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(byte[] bytes, BackupKey key)
    {
        var (file, target) = (In(Guid.NewGuid().ToString()), In(Guid.NewGuid().ToString()));
        await File.WriteAllBytesAsync(file, bytes, Token);
        if (!BackupCipher.IsEncrypted(file)) return;
        await Assert.ThrowsAsync<BackupException>(() => BackupCipher.DecryptAsync(file, target, "it", key, Token));
    }

    private string In(string name) => Path.Combine(_temporary.Home.Root, name);
}
