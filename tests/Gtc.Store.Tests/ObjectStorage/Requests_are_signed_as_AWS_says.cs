namespace Gtc.Store.Tests;

/// <summary>The published vectors: the test suite of Signature Version 4, and the examples of the S3 API reference.</summary>
public sealed class Requests_are_signed_as_AWS_says
{
    private static readonly S3Credentials Suite = new() { AccessKeyId = "AKIDEXAMPLE", SecretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
    private static readonly S3Credentials S3 = new() { AccessKeyId = "AKIAIOSFODNN7EXAMPLE", SecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

    [Theory]
    [InlineData("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void The_test_suite_of_signature_version_4_holds(string method, string query, string signature)
    {
        var request = new SignedRequest
        {
            Method = method,
            Path = "/",
            Query = [.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))],
            Headers = new Dictionary<string, string> { ["host"] = "example.amazonaws.com", ["x-amz-date"] = "20150830T123600Z" },
            ContentSha256 = S3Signature.EmptyContent,
        };
        S3Signature.Authorization(request, "20150830T123600Z", "us-east-1", "service", Suite).ShouldBe(
            $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature={signature}");
    }

    [Fact]
    public void The_examples_of_the_S3_reference_hold()
    {
        Signature("GET", "/test.txt", [], S3Signature.EmptyContent, ("range", "bytes=0-9")).ShouldEndWith(
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        Signature("PUT", "/" + S3Signature.EncodePath("test$file.text"), [], "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", ("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"))
            .ShouldEndWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
        Signature("GET", "/", [("lifecycle", "")], S3Signature.EmptyContent).ShouldEndWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
        Signature("GET", "/", [("max-keys", "2"), ("prefix", "J")], S3Signature.EmptyContent).ShouldEndWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    }

    [Theory]
    [InlineData("s3://backups/store/a b.gtcbak", null, "https://backups.s3.us-east-1.amazonaws.com/", "/store/a%20b.gtcbak")]
    [InlineData("s3://backups/a+b/é", "http://127.0.0.1:9000", "http://127.0.0.1:9000/", "/backups/a%2Bb/%C3%A9")]
    public void A_place_has_an_address_and_a_path(string text, string? endpoint, string address, string path)
    {
        var place = S3Place.Parse(text, endpoint, null).Value;
        (place.Address.ToString(), place.Path, place.ToString()).ShouldBe((address, path, text));
    }

    [Theory]
    [InlineData("s3://ab/key", null)]
    [InlineData("s3://Backups/key", null)]
    [InlineData("s3://backups/", null)]
    [InlineData("s3://backups", null)]
    [InlineData("s3://backups/key", "minio.example")]
    [InlineData("s3://backups/key", "http://minio.example/path")]
    [InlineData("s3://backups/key", "http://user@minio.example")]
    public void A_place_that_is_none_is_refused(string text, string? endpoint) => S3Place.Parse(text, endpoint, null).Refusal.ShouldBeOfType<Gtc.Model.Refusal.InvalidArgument>();

    [Fact]
    public void Credentials_are_of_variables_or_a_file_and_never_printed()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-s3-");
        try
        {
            var file = Path.Combine(folder.FullName, "credentials");
            File.WriteAllText(file, "[other]\naws_access_key_id=x\n[default]\n# mine\naws_access_key_id = AKID\naws_secret_access_key = hidden==\n");
            var read = S3Credentials.Find(file, _ => null).Value;
            (read.AccessKeyId, read.SecretAccessKey, read.SessionToken).ShouldBe(("AKID", "hidden==", null));
            read.ToString().ShouldBe("AKID");
            S3Credentials.Find(null, name => name switch { "AWS_ACCESS_KEY_ID" => "a", "AWS_SECRET_ACCESS_KEY" => "b", "AWS_SESSION_TOKEN" => "c", _ => null }).Value.SessionToken.ShouldBe("c");
            S3Credentials.Find(null, _ => null).IsOk.ShouldBeFalse();
            S3Credentials.Find(file + ".absent", _ => null).IsOk.ShouldBeFalse();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Signature(string method, string path, IReadOnlyList<(string, string)> query, string sha256, params (string Name, string Value)[] more)
    {
        var headers = new Dictionary<string, string> { ["host"] = "examplebucket.s3.amazonaws.com", ["x-amz-content-sha256"] = sha256, ["x-amz-date"] = "20130524T000000Z" };
        foreach (var (name, value) in more)
        {
            headers[name] = value;
        }

        return S3Signature.Authorization(
            new SignedRequest { Method = method, Path = path, Query = query, Headers = headers, ContentSha256 = sha256 }, "20130524T000000Z", "us-east-1", "s3", S3);
    }
}
