// Run by mongosh at each start: makes the replica set and the users, and sets passwords that changed.
// It shares mongod's network: until there is a user, mongod lets in whoever asks from its own machine.
const fs = require("fs");

const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();
const administrator = { user: "administrator", pwd: secret("mongo-administrator-password") };
const users = [
  {
    user: "keepsake",
    pwd: secret("mongo-keepsake-password"),
    roles: [{"role": "readWrite", "db": "keepsake"}],
  },
  {
    user: "monitoring",
    pwd: secret("mongo-monitoring-password"),
    roles: [{"role": "clusterMonitor", "db": "admin"}, {"role": "read", "db": "local"}],
  },
];
const admin = db.getSiblingDB("admin");

function signIn() {
  try {
    return admin.auth(administrator.user, administrator.pwd).ok === 1;
  } catch (error) {
    if (error.codeName !== "AuthenticationFailed") throw error;
    return false;
  }
}

function awaitPrimary() {
  for (let tries = 0; !db.hello().isWritablePrimary; tries += 1) {
    if (tries > 300) throw new Error("mongod does not become the primary");
    sleep(200);
  }
}

if (!db.hello().setName) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
awaitPrimary();
if (!signIn()) {
  admin.createUser({ ...administrator, roles: [{ role: "root", db: "admin" }] });
  signIn();
}
for (const { user, ...given } of users) {
  if (admin.getUser(user)) admin.updateUser(user, given);
  else admin.createUser({ user, ...given });
}
